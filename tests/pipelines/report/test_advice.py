from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import yaml

from pipelines.grid import parse_grid
from pipelines.report import next_steps
from pipelines.report.elsewhere import Suggestion
from pipelines.search import BaselineResult

DEFAULTS = {
    "activation": "relu",
    "hidden_layer_sizes": (100,),
    "dropout": 0.0,
    "weight_decay": 0.0,
    "early_stopping": False,
    "epochs": 10,
}


@pytest.fixture
def steps(of_folds, judged):
    """A function that returns the steps after a search, from (score, curve, hyperparameters)s."""

    def make(*configurations, baselines=(), others=(), names=None, **how):
        evaluations = []
        for number, (score, val_loss, hyperparameters) in enumerate(configurations):
            scores = [score, score + 0.01, score - 0.01]
            curves = {"loss": val_loss, "val_loss": val_loss}
            name = f"number {number}" if names is None else names[number]
            evaluation = of_folds(number, name, scores, curves=curves)
            candidate = replace(evaluation.candidate, hyperparameters=hyperparameters)
            evaluations.append(replace(evaluation, candidate=candidate))
        verdict = judged([*evaluations, *others], baselines=baselines)
        how = {"defaults": DEFAULTS, "n_train": 500, "can_repeat": False, **how}
        return next_steps(verdict, **how)

    return make


FALLING = list(np.linspace(2.0, 1.0, 10))
FLAT = [2.0, 1.0, *[0.9] * 8]
RISING = [2.0, 1.0, *np.linspace(0.9, 1.5, 8)]


def test_still_falling(steps):
    found = steps((0.9, FALLING, {"epochs": 10}))
    assert found.sentences == (
        "The winner's loss still fell at the last of 10 epochs, by 18 % in the last fifth: train "
        "longer.",
    )
    assert yaml.safe_load(found.grid) == {
        "fixed": {"epochs": 10},
        "grids": [{"epochs": [10, 20, 40]}],
    }


def test_two_epochs_are_enough_to_see_it_fall(steps):
    found = steps((0.9, [2.0, 1.5], {"epochs": 2}))
    assert found.sentences == (
        "The winner's loss still fell at the last of 2 epochs, by 25 % in that one: train longer.",
    )
    assert yaml.safe_load(found.grid)["grids"] == [{"epochs": [2, 4, 8]}]
    assert steps((0.9, [1.0, 2.0], {"epochs": 2})).sentences == ()  # that may be the noise
    assert steps((0.9, [2.0], {"epochs": 1})).sentences == ()


def test_overfitting(steps):
    found = steps((0.9, RISING, {"weight_decay": 0.01}))
    assert "lowest at epoch 3 of 10 and rose by 67 % after it" in found.sentences[0]
    assert yaml.safe_load(found.grid)["grids"] == [{"dropout": [0.1, 0.3]}]  # decay is there


def test_nothing_to_say_of_what_has_converged_or_stops_by_itself(steps):
    assert steps((0.9, FLAT, {})).sentences == ()
    assert steps((0.9, FLAT, {})).grid == ""
    assert steps((0.9, FALLING, {"early_stopping": True, "patience": 10})).sentences == ()


@pytest.mark.parametrize(
    ("n_train", "hyperparameters"),
    [
        (999, {"early_stopping": "auto", "patience": 10}),  # too few rows for it
        (1000, {"early_stopping": "auto", "patience": None}),  # keeps the best, stops never
    ],
)
def test_still_falling_where_early_stopping_stops_nothing(steps, n_train, hyperparameters):
    found = steps((0.9, FALLING, hyperparameters), n_train=n_train)
    assert "train longer" in found.sentences[0]


def test_overfitting_matters_where_the_best_epoch_is_not_kept(steps):
    winner = (0.9, RISING, {"early_stopping": "auto", "patience": None})
    assert "stop early" in steps(winner, n_train=999).sentences[0]
    assert steps(winner, n_train=1000).sentences == ()


def test_a_larger_network_where_boosting_is_ahead_and_rows_are_not_learned(steps):
    ahead = {"accuracy": np.array([0.98, 0.985, 0.975]), "f1_macro": np.ones(3)}
    boosting = BaselineResult("gradient boosting", ahead, {"accuracy": 1.0, "f1_macro": 1.0}, 1.0)
    found = steps((0.6, FLAT, {"hidden_layer_sizes": (100, 1500)}), baselines=[boosting])
    assert "the network can be larger" in found.sentences[0]
    sizes = yaml.safe_load(found.grid)["grids"][0]["hidden_layer_sizes"]
    assert sizes == [[100, 1500], [200, 2048], [200, 2048, 2048]]


@pytest.mark.parametrize(
    ("values", "further"),
    [
        ([0.1, 0.01, 0.001], 0.46),  # the best is the first one
        ([0.001, 0.01, 0.1], 0.00022),
        ([0.2, 0.1, 0.15], 0.23),
        ([64, 32, 16], 128),
        ([16, 32, 64], 8),
        ([0.01, 0.001, 0.1], None),  # the best is in the middle
        ([0.0, 0.1, 0.2], None),  # nothing is below 0
        ([0.1, 0.0], None),  # on or off
        ([True, False], None),
        (["a", "b"], None),
    ],
)
def test_the_edge_of_a_range(steps, values, further):
    settings = [{"x": value} for value in values]
    bests = [(0.9 - n / 5, FLAT, one) for n, one in enumerate(settings)]
    far = [(0.1, FLAT, settings[-1])] * 2  # so that the best three are one value
    found = steps(bests[0], bests[0], bests[0], *bests[1:], *far)
    if further is None:
        assert found.sentences == ()
    else:
        assert "The best x is at the edge of what was tried" in found.sentences[0]
        assert yaml.safe_load(found.grid)["grids"][0]["x"][-1] == further


def test_one_that_differs_is_no_range(steps):
    alike = [(0.9 - n / 5, FLAT, {"x": 32}) for n in range(3)]
    assert steps(*alike, (0.1, FLAT, {"x": 256})).sentences == ()
    assert steps(*alike, *[(0.1, FLAT, {"x": 256})] * 2).sentences != ()


def test_a_learning_rate_that_never_varied(steps):
    found = steps((0.9, FLAT, {}), defaults={**DEFAULTS, "learning_rate": 0.001})
    assert found.sentences[0].startswith("The learning rate was 0.001 everywhere")
    assert yaml.safe_load(found.grid)["grids"] == [{"learning_rate": [0.00033, 0.003, 0.01]}]
    varied = [(0.9, FLAT, {"learning_rate": rate}) for rate in (0.01, 0.001, 0.1)]
    assert not any("everywhere" in one for one in steps(*varied).sentences)


def test_a_learning_rate_that_pruned_trials_had(steps, failed):
    pruned = failed(9, "late", "Too late.", status="pruned")
    candidate = replace(pruned.candidate, hyperparameters={"learning_rate": 0.1})
    configuration = (0.9, FLAT, {"learning_rate": 0.001})
    assert steps(configuration).sentences
    assert not steps(configuration, others=[replace(pruned, candidate=candidate)]).sentences


def test_more_folds_where_nothing_could_be_told_apart(steps):
    configurations = [(0.9, FLAT, {}), (0.9, FLAT, {"activation": "elu"})]
    found = steps(*configurations, can_repeat=True)
    assert found.options == ("repeats=5",)
    assert "2 configurations could not be told apart with 3 folds" in found.sentences[-1]
    assert steps(*configurations).options == ()
    assert steps(configurations[0], can_repeat=True).options == ()


def test_the_grid_can_be_read_and_has_the_winner(steps):
    winner = {"activation": "elu", "hidden_layer_sizes": (50, 10), "dropout": 0.0, "epochs": 10}
    grids = parse_grid(steps((0.9, FALLING, winner)).grid)
    assert grids == [
        {"activation": ["elu"], "hidden_layer_sizes": [[50, 10]], "epochs": [10, 20, 40]}
    ]


def test_the_grid_says_what_the_preset_has_set(steps):
    """The command of the grid begins with a plain network."""
    preset = {"activation": "silu", "hidden_layer_sizes": [256, 256], "weight_decay": 0.02}
    defaults = {**DEFAULTS, **preset}
    found = steps((0.9, FALLING, {"weight_decay": 0.1}), defaults=defaults, preset=preset)
    assert yaml.safe_load(found.grid)["fixed"] == {
        "activation": "silu",
        "hidden_layer_sizes": [[256, 256]],
        "weight_decay": 0.1,
    }


def test_what_breaks_a_rule_is_not_proposed(steps):
    def broken_rules(hyperparameters):
        return {"too large"} if hyperparameters.get("learning_rate", 0) > 0.1 else set()

    tried = [{"learning_rate": rate} for rate in (0.1, 0.01, 0.001)]
    settings = [(0.9 - n / 5, FLAT, one) for n, one in enumerate(tried)]
    best, worst = settings[0], settings[-1]
    ranked = [best] * 3 + settings[1:] + [worst] * 2
    assert "go on to 0.46" in steps(*ranked).sentences[0]
    assert steps(*ranked, broken_rules=broken_rules).sentences == ()

    found = steps((0.9, FLAT, {"learning_rate": 0.05}), broken_rules=broken_rules)
    assert yaml.safe_load(found.grid)["grids"] == [{"learning_rate": [0.05, 0.017]}]

    broken = [(0.9, FLAT, {"learning_rate": 0.2})]  # as the winner is
    found = steps(*broken, broken_rules=broken_rules)
    assert yaml.safe_load(found.grid)["grids"] == [{"learning_rate": [0.2, 0.067, 0.6, 2.0]}]


def test_what_helped_elsewhere_and_breaks_a_rule_here(steps):
    suggestion = Suggestion({"dropout": 0.3, "activation": "selu"}, "It helped elsewhere.")

    def broken_rules(hyperparameters):
        return {"no dropout beside selu"} if hyperparameters.get("activation") == "selu" else set()

    assert steps((0.9, FLAT, {}), elsewhere=[suggestion]).sentences == (suggestion.sentence,)
    found = steps((0.9, FLAT, {}), elsewhere=[suggestion], broken_rules=broken_rules)
    assert found.sentences == ()


def test_a_preset_that_wins_has_a_stronger_one(steps):
    def told(winner, *others):
        found = steps((0.9, FLAT, {}), *((0.5, FLAT, {}) for _ in others), names=(winner, *others))
        return "presets=fast,strong compares both" in " ".join(found.sentences)

    assert told("preset fast")
    assert not told("preset fast", "preset strong")
    assert not told("relu")
