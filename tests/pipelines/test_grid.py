from __future__ import annotations

import warnings

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from sklearn.model_selection import ParameterGrid

from estimators import RuleWarning
from pipelines import InputError, load_dataset, make_pipeline
from pipelines.grid import default_grid, parse_grid, read_grid, with_presets
from pipelines.preset import load_preset
from pipelines.search import make_candidates


class TestForms:
    def test_one_mapping(self):
        text = "activation: [relu, elu]\nhidden_layer_sizes: [[30, 20], [10]]\n"
        assert parse_grid(text) == [
            {"activation": ["relu", "elu"], "hidden_layer_sizes": [[30, 20], [10]]}
        ]

    def test_a_list_of_mappings(self):
        text = "- activation: [relu]\n- activation: [selu]\n  dropout: [0.1, 0.2]\n"
        assert parse_grid(text) == [
            {"activation": ["relu"]},
            {"activation": ["selu"], "dropout": [0.1, 0.2]},
        ]

    def test_grids_and_what_is_fixed_for_all(self):
        text = """
            fixed: {epochs: 5, batch_size: [16, 32]}
            grids:
              - activation: [relu]
              - activation: [selu]
                epochs: 10
        """
        assert parse_grid(text) == [
            {"epochs": [5], "batch_size": [16, 32], "activation": ["relu"]},
            {"epochs": [10], "batch_size": [16, 32], "activation": ["selu"]},
        ]

    @pytest.mark.parametrize("fixed", ["", "fixed:", "fixed: {}"])
    def test_one_grid_and_nothing_fixed(self, fixed):
        assert parse_grid(f"{fixed}\ngrids: {{activation: [relu]}}") == [{"activation": ["relu"]}]

    def test_a_single_value_needs_no_list(self):
        text = "{activation: relu, clipnorm: null, nesterov: true, epochs: 5, dropout: 0.1}"
        assert parse_grid(text) == [
            {
                "activation": ["relu"],
                "clipnorm": [None],
                "nesterov": [True],
                "epochs": [5],
                "dropout": [0.1],
            }
        ]

    @pytest.mark.parametrize(
        ("written", "value"),
        [("1e-3", 0.001), ("1E3", 1000.0), ("1.5e-2", 0.015), ("-2e+1", -20.0), (".5e1", 5.0)],
    )
    def test_numbers_with_an_exponent(self, written, value):
        (grid,) = parse_grid(f"learning_rate: [{written}]")
        assert grid == {"learning_rate": [value]}
        assert type(grid["learning_rate"][0]) is float

    @pytest.mark.parametrize("text", ["e5", "1e", "1e5x", "version 1e5"])
    def test_text_that_is_like_a_number(self, text):
        assert parse_grid(f"activation: {text}") == [{"activation": [text]}]

    def test_aliases(self):
        text = "- {layers: &sizes [[8], [9]]}\n- {layers: *sizes}"
        assert parse_grid(text) == [{"layers": [[8], [9]]}, {"layers": [[8], [9]]}]


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(st.characters(codec="utf-8", categories=("L", "P", "Zs")))
)
GRIDS = st.lists(
    st.dictionaries(
        st.text(st.characters(categories=("Ll",)), min_size=1).filter(lambda name: name != "grids"),
        st.lists(SCALARS | st.lists(SCALARS, max_size=2), min_size=1, max_size=3),
        min_size=1,
        max_size=3,
    ),
    min_size=1,
    max_size=3,
)


@given(GRIDS)
def test_what_is_written_is_what_is_read(grids):
    assert parse_grid(yaml.safe_dump(grids)) == grids
    assert parse_grid(yaml.safe_dump(grids, default_flow_style=True)) == grids
    assert parse_grid(yaml.safe_dump(grids[0])) == grids[:1]
    assert parse_grid(yaml.safe_dump({"grids": grids, "fixed": grids[0]})) == [
        {**grids[0], **grid} for grid in grids
    ]


class TestErrors:
    @pytest.mark.parametrize(
        ("text", "where"),
        [
            ("activation: [relu\nepochs: 3\n", r" in line 2, column 7: expected ',' or '\]'"),
            ("activation: relu\n epochs: 3\n", " in line 2, column 8: mapping values are not all"),
            ("activation:\n\t- relu\n", " in line 2, column 1: found character '.t' that cannot"),
            ("activation: 'relu\n", " in line 2, column 1: found unexpected end of stream"),
            ("a: 1\n---\nb: 2\n", " in line 2, column 1: but found another document"),
            ("a: !!python/name:os.system\n", " in line 1, column 4: could not determine a constr"),
            ("a: \x00", ": unacceptable character #x0000"),
            ("a: 2024-02-30\n", ": day is out of range for month"),
        ],
    )
    def test_not_yaml(self, text, where):
        with pytest.raises(InputError, match=rf"^my\.yaml is not YAML{where}.*\.$") as caught:
            parse_grid(text, source="my.yaml")
        assert "\n" not in str(caught.value)

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "# nothing but a comment\n",
            "relu",
            "7",
            "[]",
            "{}",
            "[{activation: relu}, {}]",
            "[activation, epochs]",
            "1: [relu]",
            "grids:",
            "grids: []",
            "grids: [relu]",
            "{grids: {activation: relu}, fixed: [epochs]}",
            "{grids: {activation: relu}, fixed: {1: 2}}",
        ],
    )
    def test_not_a_grid(self, text):
        message = "^my.yaml is not a grid: it must be a mapping of hyperparameters to lists of val"
        with pytest.raises(InputError, match=message):
            parse_grid(text, source="my.yaml")

    @pytest.mark.parametrize(
        "text", ["{activation: []}", "{grids: {epochs: 1}, fixed: {activation: []}}"]
    )
    def test_no_values(self, text):
        message = "^the grid has no values for 'activation'; give it at least one"
        with pytest.raises(InputError, match=message):
            parse_grid(text)

    def test_stray_keys(self):
        message = r"^the grid has \['7', 'fixd'\] beside 'grids' and 'fixed'; it must be a mapping"
        with pytest.raises(InputError, match=message):
            parse_grid("{fixd: {epochs: 1}, grids: {activation: relu}, 7: 8}")


class TestReading:
    def test_text_as_it_stands(self, tmp_path):
        path = tmp_path / "grid.yaml"
        path.write_text("activation: relu  # größer\n", encoding="utf-8")
        assert read_grid(path) == read_grid(str(path)) == "activation: relu  # größer\n"

    def test_no_file(self, tmp_path):
        message = r"grid file .*none\.yaml cannot be read: No such file or directory\.$"
        with pytest.raises(InputError, match=message):
            read_grid(tmp_path / "none.yaml")

    def test_a_folder(self, tmp_path):
        with pytest.raises(InputError, match=r"cannot be read: Is a directory\.$"):
            read_grid(tmp_path)

    def test_no_text(self, tmp_path):
        path = tmp_path / "grid.yaml"
        path.write_bytes(b"activation: \xff\xfe")
        with pytest.raises(InputError, match=r"cannot be read: it is not UTF-8 text\.$"):
            read_grid(path)


@pytest.mark.parametrize("name", ["digits", "diabetes"])
class TestDefaultGrid:
    @pytest.fixture
    def dataset(self, name):
        return load_dataset(name)

    @pytest.fixture
    def candidates(self, dataset):
        return make_candidates(
            make_pipeline(dataset, preset="plain"), parse_grid(default_grid(dataset.task))
        )

    def test_it_compares_the_techniques(self, candidates):
        def compared(hyperparameter):
            return {candidate.hyperparameters[hyperparameter] for candidate in candidates}

        assert len(candidates) >= 10
        assert {"relu", "randomized_leaky_relu", "prelu", "elu", "selu", "tanh"} <= compared(
            "activation"
        )
        assert {"he_normal", "he_uniform", "lecun_normal"} <= compared("kernel_initializer")
        assert compared("batch_norm") == {None, "before_dense", "after_dense"}
        assert compared("global_clipnorm") == {None, 1.0}

    def test_names_are_short_and_unique(self, candidates):
        names = [candidate.name for candidate in candidates]
        assert len(set(names)) == len(names)
        assert max(map(len, names)) < 50

    @pytest.mark.slow
    def test_no_configuration_breaks_a_rule(self, dataset, candidates):
        chosen = np.random.default_rng(0).permutation(len(dataset.X))[:60]
        X, y = dataset.X.iloc[chosen], dataset.y.iloc[chosen]
        for candidate in candidates:
            pipeline = make_pipeline(dataset, preset="plain", random_state=0).set_params(
                **candidate.params
            )
            pipeline.set_params(model__epochs=1)
            with warnings.catch_warnings():
                warnings.simplefilter("error", RuleWarning)
                pipeline.fit(X, y)


def test_fixed_values_without_grids():
    with pytest.raises(InputError, match="the grid has 'fixed' but no 'grids'; add them, or write"):
        parse_grid("fixed: {epochs: 5}\nactivation: [relu]")


def test_a_text_that_is_nested_too_deeply():
    with pytest.raises(InputError, match="the grid is nested too deeply; write it with fewer lev"):
        parse_grid("activation: " + "[" * 5000 + "]" * 5000)


def test_a_list_of_widths_is_told_to_be_several_networks():
    message = r"lists 2 networks of one hidden layer .*: \[8, 4\]; for one .* write \[\[8, 4\]\]"
    with pytest.warns(UserWarning, match=message):
        assert parse_grid("hidden_layer_sizes: [8, 4]") == [{"hidden_layer_sizes": [8, 4]}]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("sizes", ["[[8, 4]]", "[8]", "8", "[[8], 4]"])
def test_other_sizes_are_not(sizes):
    parse_grid(f"hidden_layer_sizes: {sizes}")


class TestWithPresets:
    def test_a_configuration_has_the_values_of_the_preset_but_for_its_own(self):
        iris = load_dataset("iris")
        grids = parse_grid("{preset: strong, n_members: [2, 3], hidden_layer_sizes: [[8, 4]]}")
        rows = [*ParameterGrid(with_presets(grids, iris))]
        own = [{"n_members": n, "hidden_layer_sizes": [8, 4]} for n in (2, 3)]
        values = load_preset("strong", iris).hyperparameters
        assert len(values["learning_rate_factors"]) > 1  # a mapping that is one value
        assert rows == [values | each for each in own]

    def test_a_grid_that_names_none_stays_as_it_is(self):
        grids = parse_grid("[{dropout: [0.1, 0.2]}, {activation: relu}]")
        assert with_presets(grids, load_dataset("iris")) == grids

    def test_unknown(self):
        with pytest.raises(InputError, match="There is no preset 'fasst'"):
            with_presets([{"preset": ["fasst"]}], load_dataset("iris"))
