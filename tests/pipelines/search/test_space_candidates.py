from __future__ import annotations

import re

import pytest
from sklearn.pipeline import make_pipeline as make_sklearn_pipeline
from sklearn.preprocessing import StandardScaler

from estimators import KerasMLPClassifier
from pipelines import InputError
from pipelines.search.space_candidates import SpaceCandidates
from pipelines.space import parse_space

SPACE = """
activation: [relu, selu]
model__optimizer: [sgd, adam]
hidden_layer_sizes: [[8], [8, 4]]
scaling: [standard, none]
clipping: [none, clipnorm]
blocks:
  - {when: {model__optimizer: sgd}, momentum: {low: 0.0, high: 0.9}}
  - {when: {clipping: clipnorm}, clipnorm: 1.0}
"""


@pytest.fixture
def candidates(classes, quick):
    return SpaceCandidates(quick(classes), parse_space(SPACE))


class TestCandidate:
    def test_params_are_what_is_set(self, candidates):
        candidate = candidates.candidate(
            7,
            {
                "activation": "selu",
                "model__optimizer": "adam",
                "hidden_layer_sizes": (8, 4),
                "scaling": "none",
                "clipping": "none",
            },
        )
        assert candidate.number == 7
        assert candidate.params == {
            "model__activation": "selu",
            "model__optimizer": "adam",
            "model__hidden_layer_sizes": (8, 4),
            "preprocessing__numeric__scaling__method": "none",
        }

    def test_all_have_the_same_hyperparameters(self, candidates):
        defaults = candidates.candidate(0, {})
        assert defaults.params == {}
        assert defaults.hyperparameters == {
            "activation": "relu",
            "optimizer": "adam",
            "hidden_layer_sizes": (4,),
            "scaling": "standard",
            "momentum": 0.0,
            "clipnorm": None,
        }
        other = candidates.candidate(1, {"momentum": 0.5, "clipping": "clipnorm", "clipnorm": 1.0})
        assert other.hyperparameters == {
            **defaults.hyperparameters,
            "momentum": 0.5,
            "clipnorm": 1.0,
        }

    def test_its_name_begins_with_its_number_and_tells_what_is_no_default(self, candidates):
        values = {"activation": "selu", "hidden_layer_sizes": (8, 4), "model__optimizer": "sgd"}
        assert candidates.candidate(3, values).name == "#3 selu, optimizer sgd, layers 8-4"
        assert candidates.candidate(4, {}).name == "#4 relu"  # which is all there is to say
        assert candidates.candidate(5, {"model__optimizer": "sgd"}).name == "#5 optimizer sgd"

    def test_what_all_have_is_not_told(self, classes, quick):
        space = parse_space("activation: elu\noptimizer: sgd\nkernel_initializer: [ones, zeros]")
        candidate = SpaceCandidates(quick(classes), space).candidate(
            0, {"activation": "elu", "optimizer": "sgd", "kernel_initializer": "ones"}
        )
        assert candidate.name == "#0 ones"

    def test_without_changes_it_is_a_trial(self, classes, quick):
        candidates = SpaceCandidates(quick(classes), parse_space("dropout: [0.0, 0.2]"))
        assert candidates.candidate(3, {"dropout": 0.0}).name == "#3 trial"

    def test_a_few_changes_are_told_in_full(self, classes, quick):
        candidates = SpaceCandidates(quick(classes), parse_space("dropout: [0.0, 0.2]"))
        assert candidates.candidate(3, {"dropout": 0.2}).name == "#3 dropout 0.2"


class TestSuggestionsFor:
    def test_by_name_or_path_and_with_lists(self, candidates):
        by_name = candidates.suggestions_for(
            {"optimizer": "sgd", "momentum": 0.5, "hidden_layer_sizes": [8], "scaling": "none"}
        )
        by_path = candidates.suggestions_for(
            {
                "model__optimizer": "sgd",
                "model__momentum": 0.5,
                "model__hidden_layer_sizes": (8,),
                "preprocessing__numeric__scaling__method": "none",
            }
        )
        assert (
            by_name
            == by_path
            == {
                "activation": "relu",
                "model__optimizer": "sgd",
                "hidden_layer_sizes": "8",
                "scaling": "none",
                "clipping": "none",
                "momentum": 0.5,
            }
        )

    def test_what_the_space_does_not_vary_must_be_the_default(self, candidates):
        assert candidates.suggestions_for({"hidden_layer_sizes": [8], "dropout": 0.0}) is not None
        assert candidates.suggestions_for({"hidden_layer_sizes": [8], "dropout": 0.1}) is None
        assert candidates.suggestions_for({}) is None  # the pipeline's own (4,) is not in the space

    def test_an_unknown_name(self, candidates):
        message = r"begin with names 'dropuot', which is no hyperparameter \(did you mean 'dropout"
        with pytest.raises(InputError, match=message):
            candidates.suggestions_for({"dropuot": 0.1})


class TestMistakes:
    @pytest.mark.parametrize(
        ("text", "message"),
        [
            (
                "activaton: [relu]",
                "The space names 'activaton', which is no hyperparameter (did yo",
            ),
            (
                "activation: [relu, sleu]",
                "The space has an impossible value: The 'activation' para",
            ),
            ("dropout: {low: 0.0, high: 1.0}", "The space has an impossible value: The 'dropout'"),
            ("dropout: {low: -1.0, high: 0.5}", "The space has an impossible value: The 'dropout'"),
            ("scaling: [standard, minimax]", "The space has an impossible value: The 'method' par"),
            ("batch_size: [0, 32]", "The space has an impossible value: The 'batch_size'"),
            (
                "depth: {low: 1, high: 3}\n"
                "blocks: [{when: {depth: 2}, hidden_layer_sizes: [[5, 5]]}]",
                "The space has a range for 'depth', which only decides about others; give it a lis",
            ),
        ],
    )
    def test_are_told(self, classes, quick, text, message):
        with pytest.raises(InputError, match=re.escape(message)):
            SpaceCandidates(quick(classes), parse_space(text))

    def test_a_hyperparameter_that_this_pipeline_does_not_have(self):
        pipeline = make_sklearn_pipeline(StandardScaler(), KerasMLPClassifier())
        with pytest.raises(InputError, match="The space names 'scaling', which is no hyperparam"):
            SpaceCandidates(pipeline, parse_space("scaling: [standard, none]"))


def test_one_beside_the_space(classes, quick):
    beside = {"optimizer": "rmsprop", "dropout": 0.5}
    candidates = SpaceCandidates(quick(classes), parse_space(SPACE), beside)
    assert candidates.suggestions_for(beside) is None
    candidate = candidates.candidate_outside_space(0)
    assert candidate.params == {"model__optimizer": "rmsprop", "model__dropout": 0.5}
    assert candidate.hyperparameters.items() >= beside.items()
    assert candidate.name == "#0 optimizer rmsprop, outside the space"
    drawn = candidates.candidate(1, {"activation": "selu"})
    assert [*drawn.hyperparameters] == [*candidate.hyperparameters]
    assert drawn.hyperparameters["dropout"] == 0.0
