from __future__ import annotations

import itertools

import numpy as np
import pytest

from estimators.techniques import Setting, broken_rules, resolve
from estimators.techniques.activation import ACTIVATIONS
from pipelines import InputError, load_dataset, make_pipeline
from pipelines.preset import load_variants
from pipelines.search.space_candidates import SpaceCandidates
from pipelines.space import Choice, Layers, Range, default_space, parse_space, read_space


def domains_of(space, name):
    return [entry.domain for entry in space.of(name)]


def sampling(seed):
    """A function that decides at random."""
    random = np.random.default_rng(seed)

    def suggest(key, domain):
        if isinstance(domain, Choice):
            return domain.labels[random.integers(len(domain.labels))]
        value = random.uniform(domain.low, domain.high)
        return round(value) if domain.is_whole else value

    return suggest


class TestForms:
    @pytest.mark.parametrize(
        ("text", "domain"),
        [
            ("epochs: 20", Choice((20,))),
            ("batch_norm: null", Choice((None,))),
            ("activation: [relu, elu]", Choice(("relu", "elu"))),
            ("batch_norm: [null, true, before_dense]", Choice((None, True, "before_dense"))),
            ("hidden_layer_sizes: [[100, 50], [50]]", Choice(((100, 50), (50,)))),
            ("hidden_layer_sizes: [[100, 50]]", Choice(((100, 50),))),
            ("learning_rate: {low: 1e-4, high: 1e-1, log: true}", Range(1e-4, 0.1, log=True)),
            ("dropout: {low: 0.0, high: 0.5, step: 0.1}", Range(0.0, 0.5, step=0.1)),
            ("epochs: {low: 5, high: 20}", Range(5, 20)),
            (
                "hidden_layer_sizes: {depth: {low: 1, high: 3}, width: [10, 50]}",
                Layers(Range(1, 3), Choice((10, 50))),
            ),
            ("hidden_layer_sizes: {depth: 2, width: 50}", Layers(Choice((2,)), Choice((50,)))),
        ],
    )
    def test_one_hyperparameter(self, text, domain):
        (entry,) = parse_space(text).entries
        assert (entry.domain, entry.when) == (domain, {})

    def test_blocks(self):
        space = parse_space(
            """
optimizer: [sgd, rmsprop, adam]
blocks:
  - {when: {optimizer: [sgd, rmsprop]}, momentum: {low: 0.0, high: 0.9}, nesterov: false}
"""
        )
        _, momentum, nesterov = space.entries
        assert momentum.when == nesterov.when == {"optimizer": ("sgd", "rmsprop")}
        assert (momentum.domain, nesterov.domain) == (Range(0.0, 0.9), Choice((False,)))

    def test_suited_initializers_are_those_of_the_table_of_rules(self):
        space = parse_space("activation: [relu, elu, tanh, selu]\nkernel_initializer: suited")
        by_activation = {
            activation: set(entry.domain.values)
            for entry in space.of("kernel_initializer")
            for activation in entry.when["activation"]
        }
        assert by_activation == {
            name: ACTIVATIONS[name].suited_initializers - {"variance_scaling"}
            for name in ("relu", "elu", "tanh", "selu")
        }
        assert len(space.of("kernel_initializer")) == 3

    def test_a_file(self, tmp_path):
        path = tmp_path / "space.yaml"
        path.write_text("activation: relu  # größer\n", encoding="utf-8")
        assert read_space(path) == "activation: relu  # größer\n"
        with pytest.raises(InputError, match=r"^The space file .*none\.yaml cannot be read: No"):
            read_space(tmp_path / "none.yaml")


class TestExtends:
    def test_the_rest_is_that_of_the_base(self):
        base, space = parse_space("extends: table"), parse_space("extends: table\nepochs: 5")
        assert domains_of(space, "epochs") == [Choice((5,))]
        others = [entry for entry in space.entries if entry.name != "epochs"]
        assert others == [entry for entry in base.entries if entry.name != "epochs"]

    def test_conditions_of_the_base_are_kept(self):
        space = parse_space("extends: table\nmomentum: 0.9\ndropout: {low: 0.0, high: 0.2}")
        (momentum,), (dropout, fixed) = space.of("momentum"), space.of("dropout")
        assert (momentum.domain, momentum.when) == (
            Choice((0.9,)),
            {"optimizer": ("sgd", "rmsprop")},
        )
        assert (dropout.domain, dropout.when) == (Range(0.0, 0.2), {"batch_norm": (None,)})
        assert fixed.domain == Choice((0.0,))

    def test_what_the_rules_fix_stays_fixed(self):
        space = parse_space("extends: table\nbatch_norm: before_dense\nactivation: [relu, selu]")
        for seed in range(20):
            values = space.draw(sampling(seed))
            expected = None if values["activation"] == "selu" else "before_dense"
            assert values["batch_norm"] == expected

    def test_a_block_of_ones_own_comes_last(self):
        space = parse_space(
            "extends: table\nblocks: [{when: {activation: selu}, batch_norm: after_dense}]"
        )
        values = [space.draw(sampling(seed)) for seed in range(60)]
        selu = {one["batch_norm"] for one in values if one["activation"] == "selu"}
        assert selu == {"after_dense"}

    def test_suited_is_what_suits_the_narrowed_activations(self):
        space = parse_space("extends: table\nactivation: [relu, sigmoid]")
        *suited, fixed = space.of("kernel_initializer")
        assert [entry.when["activation"] for entry in suited] == [("relu",), ("sigmoid",)]
        assert fixed.when == {"parametrization": ("neural_tangent",)}

    def test_a_new_name_is_added(self):
        assert domains_of(parse_space("extends: table\nnesterov: true"), "nesterov") == [
            Choice((True,))
        ]

    @pytest.mark.parametrize(("kind", "low"), [("table", 32), ("image", 64)])
    def test_the_default_is_that_of_the_data(self, kind, low):
        space = parse_space("extends: default", kind=kind)
        (sizes,) = domains_of(space, "hidden_layer_sizes")
        assert sizes.width.values[0] == low


class TestMistakes:
    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("activation: [relu", r"my\.yaml is not YAML in line 1"),
            ("", r"my\.yaml is not a space: it must be a mapping of hyperparameters to a value, "),
            ("[relu]", r"is not a space"),
            ("1: 2", r"is not a space"),
            ("activation: []", r"has no values for 'activation'; give it at least one\.$"),
            ("activation: [relu, relu]", r"has a value of 'activation' twice; leave one out\.$"),
            ("activation: [{relu: 1}]", r"has a mapping among the values of 'activation'"),
            (
                "dropout: {lo: 0, high: 1}",
                r"gives 'dropout' the key 'lo' \(did you mean 'low'\?\); a range has low, high, "
                r"and at most one of log and step\.$",
            ),
            ("dropout: {low: 1, high: 0}", r"has no range for 'dropout': low and high must be num"),
            ("dropout: {low: 0}", r"has no range for 'dropout'"),
            ("dropout: {low: a, high: 1}", r"has no range for 'dropout'"),
            ("dropout: {low: .nan, high: 1}", r"has no range for 'dropout'"),
            ("dropout: {low: 0, high: 1, log: true}", r"with log, which needs low above 0 and no"),
            ("dropout: {low: 1, high: 4, log: true, step: 1}", r"which needs low above 0 and no s"),
            ("dropout: {low: 0, high: 1, log: 3}", r"with log"),
            ("dropout: {low: 0.0, high: 0.5, step: 0.3}", r"that does not lead from 0\.0 to 0\.5"),
            ("dropout: {low: 0, high: 1, step: 0}", r"has a step of 'dropout' that does not lead"),
            (
                "hidden_layer_sizes: {depth: {low: 0, high: 3}, width: 50}",
                r"must give hidden_layer_sizes's depth as whole numbers of 1 or more\.$",
            ),
            ("hidden_layer_sizes: {depth: 2, width: [5.5]}", r"width as whole numbers of 1 or mor"),
            ("hidden_layer_sizes: {depth: 2, width: {low: 1, high: 2.5}}", r"width as whole num"),
            ("kernel_initializer: suited", r"has the suited initializers without activations to s"),
            (
                "extends: tabel",
                r"extends 'tabel', which there is not \(did you mean 'table'\?\); choose one of "
                r"'default', 'image', 'sequence', 'table'\.$",
            ),
            ("blocks: {}\nepochs: 1", r"has 'blocks' that are no list; begin each block with a d"),
            ("blocks: [{momentum: 0.9}]", r"has a block without 'when' or without hyperparam"),
            ("epochs: 1\nblocks: [{when: {epochs: 1}}]", r"without 'when' or without hyperparam"),
            (
                "optimizer: [sgd]\nblocks: [{when: {optimiser: sgd}, momentum: 0.9}]",
                r"has a block for 'optimiser', which the space does not have \(did you mean 'optim",
            ),
            (
                "optimizer: [sgd, adam]\nblocks: [{when: {optimizer: sdg}, momentum: 0.9}]",
                r"has a block for optimizer='sdg', a value that optimizer never has \(did you mean "
                r"'sgd'\?\)\.$",
            ),
            (
                "blocks:\n"
                "  - {when: {dropout: 0.0}, batch_norm: true}\n"
                "  - {when: {batch_norm: true}, dropout: 0.0}",
                r"decides 'batch_norm' by what depends on it; take out one of the 'when'\.$",
            ),
        ],
    )
    def test_is_one_sentence(self, text, message):
        with pytest.raises(InputError, match=message) as caught:
            parse_space(text, "my.yaml")
        assert str(caught.value).startswith("my.yaml ")


@pytest.fixture(scope="module", params=["wine", "diabetes", "digits"])
def data(request):
    return load_dataset(request.param)


@pytest.fixture(scope="module")
def candidates(data):
    """Candidates of the default space of a data set."""
    space = parse_space(default_space(data.kind, data.task), kind=data.kind, task=data.task)
    return SpaceCandidates(make_pipeline(data, random_state=0), space)


class TestShipped:
    def test_images_have_a_space_of_their_own(self):
        assert "pixels" in default_space("image", "classification")
        assert "pixels" not in default_space("table", "classification")

    def test_the_preset_and_its_variants_lie_in_it(self, data, candidates):
        assert candidates.suggestions_for({}) is not None
        found = [one for one in load_variants() if candidates.suggestions_for(one) is not None]
        assert len(found) >= (8 if data.kind == "table" else 5)
        for one in found:
            suggestions = candidates.suggestions_for(one)
            values = candidates.space.draw(lambda key, _, s=suggestions: s[key])
            candidate = candidates.candidate(0, values)
            for name, value in one.items():
                value = tuple(value) if isinstance(value, list) else value
                assert candidate.hyperparameters.get(name) == value

    def test_what_it_draws_breaks_no_rule(self, candidates):
        """On standardized input; whether another scaling gives that is up to the data."""
        X = np.random.default_rng(0).standard_normal((500, 3))
        model = candidates.estimator["model"]
        rules = [rule for technique in model.techniques for rule in technique.rules]
        for seed in range(300):
            values = candidates.space.draw(sampling(seed))
            params = candidates.candidate(seed, values).params
            own = {
                k.removeprefix("model__"): v for k, v in params.items() if k.startswith("model_")
            }
            setting = Setting.of(resolve(model.techniques, {**model.get_params(), **own}), X)
            assert [rule.name for rule in broken_rules(setting, rules)] == []

    def test_everything_that_it_names_is_tried(self, candidates):
        seen = {}
        for seed in range(3000):
            for name, value in candidates.space.draw(sampling(seed)).items():
                seen.setdefault(name, set()).add(value)
        assert seen.keys() >= {"momentum", "dropout", "clipnorm", "clipvalue", "global_clipnorm"}
        assert {len(sizes) for sizes in seen["hidden_layer_sizes"]} == {1, 2, 3, 4, 5}
        for entry in candidates.space.entries:
            if isinstance(entry.domain, Choice):
                assert seen[entry.name] >= set(entry.domain.values)

    def test_at_most_one_clipping(self, candidates):
        clips = ("clipnorm", "clipvalue", "global_clipnorm")
        for seed in range(100):
            values = candidates.space.draw(sampling(seed))
            told = [name for name in clips if values[name] is not None]  # all of them are drawn
            assert told == [name for name in clips if name == values["clipping"]]
        assert all(
            candidates.suggestions_for({one: 1.0, other: 1.0}) is None
            for one, other in itertools.combinations(clips, 2)
        )
