from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
import yaml

from pipelines.data import Dataset
from pipelines.grid import parse_grid
from pipelines.report import (
    helped_elsewhere,
    next_steps,
    printed_metric,
    recorded_effects,
    worth_of,
)
from pipelines.report.elsewhere import recorded_task
from pipelines.tracker import RecordedWorth

DEFAULTS = {
    "activation": "relu",
    "dropout": 0.0,
    "weight_averaging": None,
    "ema_momentum": 0.99,
    "hidden_layer_sizes": (100,),
}
EMA = {"weight_averaging": "ema", "ema_momentum": 0.9}


@pytest.fixture
def here():
    rows = pd.DataFrame({"x": [0.0, 1.0]})
    return Dataset("here", rows, pd.Series([0, 1]), "classification", "table", "nowhere")


@pytest.fixture
def verdict(of_folds, judged):
    """Of a search that has varied the activation."""
    evaluations = []
    for number, (activation, score) in enumerate([("relu", 0.8), ("elu", 0.9)]):
        scores = [score, score + 0.01, score - 0.01]
        evaluation = of_folds(number, activation, scores, losses=(1.0, 1.0))
        candidate = replace(evaluation.candidate, hyperparameters={"activation": activation})
        evaluations.append(replace(evaluation, candidate=candidate))
    return judged(evaluations)


@pytest.fixture
def suggested(verdict, here):
    """A function that lists what is suggested after some (data set, values, verdict)s."""

    def make(*recorded, task="classification"):
        worths = [RecordedWorth(where, task, values, told) for where, values, told in recorded]
        return helped_elsewhere(verdict, DEFAULTS, worths, here)

    return make


def test_what_helped_on_other_data_and_was_not_tried(suggested):
    (one,) = suggested(
        ("houses", EMA, "better"),
        ("flats", EMA, "no difference shown"),
        ("yachts", EMA, "better"),
    )
    assert one.hyperparameters == EMA
    assert one.sentence == (
        "weight_averaging ema with ema_momentum 0.9 helped on houses and yachts, 2 of the 3 other "
        "data sets that it was tried on, and was never tried here (weight_averaging none with "
        "ema_momentum 0.99): try it."
    )


def test_on_one_other_data_set(suggested):
    (one,) = suggested(("houses", {"dropout": 0.1}, "better"))
    assert one.sentence == (
        "dropout 0.1 helped on houses, and was never tried here (dropout 0): try it."
    )


@pytest.mark.parametrize(
    "recorded",
    [
        [("here", {"dropout": 0.1}, "better")],  # the same data
        [("houses", {"activation": "selu"}, "better")],  # was varied here
        [("houses", {"dropout": 0.0}, "better")],  # is so here
        [("houses", {"hidden_layer_sizes": [100]}, "better")],
        [("houses", {"recurrent_dropout": 0.1}, "better")],  # unknown here
        [("houses", {"dropout": 0.1}, "no difference shown")],
        [("houses", {"dropout": 0.1}, "no verdict")],
        [("houses", {"dropout": 0.1}, "better"), ("flats", {"dropout": 0.1}, "worse")],
        [("houses", {"dropout": 0.1}, "worse"), ("houses", {"dropout": 0.1}, "better")],  # older
    ],
)
def test_what_is_not_suggested(suggested, recorded):
    assert suggested(*recorded) == []


def test_of_another_task_nothing_is_suggested(suggested):
    assert suggested(("houses", EMA, "better"), task="regression") == []


def test_three_at_most_those_that_helped_the_most_first(suggested):
    rates = [("houses", {"dropout": n / 10}, "better") for n in range(1, 6)]
    found = suggested(*rates, ("flats", {"dropout": 0.4}, "better"))
    assert [one.hyperparameters["dropout"] for one in found] == [0.4, 0.1, 0.2]


def test_the_grid_tries_what_belongs_together_at_once(suggested, verdict):
    found = next_steps(
        verdict,
        defaults=DEFAULTS,
        n_train=500,
        can_repeat=False,
        elsewhere=suggested(("houses", EMA, "better"), ("houses", {"dropout": 0.1}, "better")),
    )
    assert len(found.sentences) == 2
    assert yaml.safe_load(found.grid) == {
        "fixed": {"activation": "elu"},
        "grids": [
            {"weight_averaging": [None], "ema_momentum": [0.99]},  # the winner as it is
            {"weight_averaging": ["ema"], "ema_momentum": [0.9]},
            {"dropout": [0.1]},
        ],
    }
    assert len(parse_grid(found.grid)) == 3


def test_what_helped_recurrent_networks_is_for_sequences(verdict, here):
    sequences = replace(here, kind="sequence")
    told = {
        kind: recorded_task(one) for kind, one in {"table": here, "sequence": sequences}.items()
    }
    assert told == {"table": "classification", "sequence": "classification of sequences"}
    for kind, dataset in {"table": here, "sequence": sequences}.items():
        worths = [RecordedWorth(f"a {one}", task, EMA, "better") for one, task in told.items()]
        (found,) = helped_elsewhere(verdict, DEFAULTS, worths, dataset)
        assert f"helped on a {kind}, and" in found.sentence


def test_a_search_records_its_effects_with_their_values(of_folds, here):
    evaluations = []
    for number, size in enumerate([(8,), (8, 4)]):
        evaluation = of_folds(number, str(number), [0.5 + number / 9, 0.6 + number / 8, 0.55])
        candidate = replace(evaluation.candidate, hyperparameters={"hidden_layer_sizes": size})
        evaluations.append(replace(evaluation, candidate=candidate))
    worth = worth_of(evaluations, printed_metric("accuracy"), test_ratio=0.5)
    assert recorded_effects(worth, here) == [
        RecordedWorth(
            "here", "classification", {"hidden_layer_sizes": (8, 4)}, "no difference shown"
        )
    ]
