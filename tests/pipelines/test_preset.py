"""Presets: what each sets, for which data, and that a network can be had of it."""

from __future__ import annotations

from importlib import resources
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import yaml

from estimators import KerasMLPClassifier, KerasMLPRegressor
from pipelines import InputError, load_dataset, make_pipeline
from pipelines.grid import with_presets
from pipelines.pipeline import hyperparameter_paths
from pipelines.preset import PRESETS, SEQUENCE_PRESETS, load_preset
from pipelines.search import make_candidates

KINDS = [(data, task) for data in ("table", "image") for task in ("classification", "regression")]
SMALL = {"epochs": 2, "hidden_layer_sizes": (4,), "random_state": 0}
ESTIMATORS = {"classification": KerasMLPClassifier, "regression": KerasMLPRegressor}


def content_of(name):
    text = resources.files("pipelines").joinpath("presets", f"{name}.yaml").read_text("utf-8")
    return yaml.safe_load(text)


@pytest.fixture(scope="module")
def datasets(tmp_path_factory):
    """A dataset of each kind; of tables one with a category, a gap and a number to be embedded."""
    path = tmp_path_factory.mktemp("tables") / "mixed.csv"
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        {"number": rng.normal(size=120), "level": rng.choice(list("abc"), 120), "target": 0.0}
    )
    table["target"] = table["number"] + (table["level"] == "a") + rng.normal(size=120) / 9
    table.loc[::9, "number"] = np.nan
    table.to_csv(path, index=False)
    return {
        ("table", "classification"): load_dataset("iris"),
        ("table", "regression"): load_dataset(str(path), target="target"),
        ("image", "classification"): load_dataset("digits"),
    }


def test_every_file_is_a_preset():
    folder = resources.files("pipelines").joinpath("presets")
    files = {path.name for path in folder.iterdir()}
    assert {f"{name}.yaml" for name in PRESETS} == files - {"variants.yaml", "sequences"}


@pytest.mark.parametrize("name", PRESETS)
def test_is_told_and_has_its_sources(name):
    preset = load_preset(name, load_dataset("iris"))
    assert preset.name == name
    assert preset.summary
    assert bool(preset.sources) == (name != "plain")
    assert all("https://" in source for source in preset.sources)
    assert len(set(preset.sources)) == len(preset.sources)


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize(("data", "task"), KINDS)
def test_sets_known_hyperparameters_to_possible_values(name, data, task):
    preset = load_preset(name, SimpleNamespace(kind=data, task=task, y=range(5000)))
    of_preprocessing = {"scaling", "category_encoding", "missing_indicator"}
    values = {
        key: value for key, value in preset.hyperparameters.items() if key not in of_preprocessing
    }
    model = ESTIMATORS[task](**values)  # an unknown name is refused
    model.set_params(epochs=1, random_state=0)
    rng = np.random.default_rng(0)
    y = rng.random(60) if task == "regression" else np.arange(60) % 2
    model.initialize(rng.normal(size=(60, 4)), y)  # an impossible value is refused


@pytest.mark.parametrize("name", PRESETS)
def test_what_a_block_asks_for_exists(name):
    facts = {
        "data": {"table", "image"},
        "task": {"classification", "regression"},
        "rows_below": range(1, 20_000),
    }
    for block in content_of(name).get("blocks", []):
        assert all(value in facts[fact] for fact, value in block["when"].items())
        assert block["values"]


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != ("image", "regression")])
@pytest.mark.filterwarnings("ignore:The least populated class")  # of the rows
@pytest.mark.filterwarnings("ignore:selu wants standardized input")  # images have a scale
def test_a_network_is_trained(name, kind, datasets):
    data = datasets[kind]
    pipeline = make_pipeline(data, preset=name, **SMALL)
    values = load_preset(name, data).hyperparameters
    paths, params = hyperparameter_paths(pipeline), pipeline.get_params()
    own = {key: value for key, value in values.items() if key not in SMALL | {"scaling": "auto"}}
    assert {key: params[paths[key]] for key in own} == own
    rows = slice(0, 120)
    pipeline.fit(data.X.iloc[rows], data.y.iloc[rows])
    assert len(pipeline.predict(data.X.iloc[:7])) == 7
    assert pipeline["model"].n_iter_ == 2


@pytest.mark.parametrize(
    ("data", "name"),
    [*(("iris", name) for name in PRESETS), *(("adding_50", name) for name in SEQUENCE_PRESETS)],
)
def test_may_stand_in_a_grid_and_beside_one(data, name):
    dataset = load_dataset(data)
    values = load_preset(name, dataset).hyperparameters
    (grid,) = with_presets([{"preset": [name], "epochs": [3]}], dataset)
    pipeline = make_pipeline(dataset, preset="plain")
    within, beside = make_candidates(pipeline, [grid], named={f"preset {name}": values})
    assert within.hyperparameters["epochs"] == 3
    for each in (within, beside):
        assert each.hyperparameters.get("scaling", "standard") == values.get("scaling", "standard")


class TestLoadPreset:
    def test_values_of_blocks_that_hold(self):
        iris = load_preset("fast", load_dataset("iris")).hyperparameters
        digits = load_preset("fast", load_dataset("digits")).hyperparameters
        diabetes = load_preset("fast", load_dataset("diabetes")).hyperparameters
        assert iris["scaling"] == "robust_clip"
        assert "scaling" not in digits
        assert "label_smoothing" in iris
        assert "label_smoothing" not in diabetes
        assert diabetes["clip_target"] is True

    @pytest.mark.parametrize(
        ("task", "n_rows", "n_members", "n_epochs"),
        [
            ("regression", 1499, 4, 512),
            ("regression", 1500, 2, 256),
            ("regression", 3499, 2, 256),
            ("regression", 3500, 2, 64),
            ("classification", 1499, 4, 256),
            ("classification", 1500, 2, 64),
        ],
    )
    def test_few_rows_have_more_networks_and_epochs(self, task, n_rows, n_members, n_epochs):
        rows = SimpleNamespace(kind="table", task=task, y=range(n_rows))
        fast, strong = (load_preset(name, rows).hyperparameters for name in ("fast", "strong"))
        assert (fast["n_members"], fast["epochs"]) == (n_members, n_epochs)
        assert (strong["n_members"], strong["epochs"]) == (8, n_epochs)

    def test_own_values_come_before_those_of_the_base(self):
        fast, strong = (load_preset(name, load_dataset("iris")) for name in ("fast", "strong"))
        own = content_of("strong")["values"]
        assert content_of("strong")["based_on"] == "fast"
        assert own.items() <= strong.hyperparameters.items()
        assert strong.hyperparameters["dropout"] == fast.hyperparameters["dropout"]
        assert strong.hyperparameters["n_members"] == own["n_members"]
        assert set(fast.sources) <= set(strong.sources)

    def test_values_of_one_data_set_are_not_those_of_the_next(self):
        load_preset("fast", load_dataset("iris")).hyperparameters["dropout"] = 0.9
        assert load_preset("fast", load_dataset("iris")).hyperparameters["dropout"] != 0.9

    def test_tabm_shares_its_members_network(self):
        values = load_preset("tabm", load_dataset("iris")).hyperparameters
        assert values["member_sharing"] == "tabm_mini"
        assert values["n_members"] > 1
        assert len(values["hidden_layer_sizes"]) == 2  # 3 without embeddings
        images = load_preset("tabm", load_dataset("digits")).hyperparameters
        assert len(images["hidden_layer_sizes"]) == 3

    def test_unknown(self):
        with pytest.raises(InputError, match=r"no preset 'fastt'.*did you mean 'fast'"):
            load_preset("fastt", load_dataset("iris"))
