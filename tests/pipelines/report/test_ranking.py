from __future__ import annotations

import math

import pytest

from pipelines.challenge import Challenge
from pipelines.report import EnsembleResult
from pipelines.report.ranking import model_rows, ranking_rows


@pytest.fixture
def verdict(evaluations, judged, baselines):
    return judged(evaluations, baselines=baselines)


def test_the_winner_beside_the_baselines(verdict):
    winner, constant, boosting = model_rows(verdict)
    assert winner.name == "selu, lecun_normal"
    assert winner.cells[:2] == [("accuracy in %", "80.00 ± 10.00"), ("held out", "98.77")]
    assert [cell.text for cell in constant.cells] == [
        "30.00 ± 5.00",
        "30.00",
        "0.1000 ± 0.0000",
        "0.1000",
    ]
    assert (boosting.cells, boosting.reason) == ([], "not fitted: too many rows")


def test_the_ensemble_has_scores_on_the_held_out_rows_alone(evaluations, judged):
    challenge = Challenge("accuracy", 0.99, 0.98, 0.0, 0.02)
    ensemble = EnsembleResult(8, 2, {"accuracy": 0.99, "f1_macro": 0.985}, challenge)
    _, row = model_rows(judged(evaluations, ensemble=ensemble))
    assert row.name == "ensemble of 8"
    assert [cell.text for cell in row.cells] == ["-", "99.00", "-", "0.9850"]


def test_ranking(verdict):
    best, second = ranking_rows(verdict, lambda number: f"run {number}")
    assert (best.rank, best.name, best.link, best.is_winner) == (
        1,
        "selu, lecun_normal",
        "run 2",
        True,
    )
    assert (best.validation, best.deviation, best.train) == ("80.00", "10.00", "85.00")
    assert (second.against, second.is_winner) == ("-10.00 ○", False)
    assert second.difference == pytest.approx(-0.1)
    assert second.evidence.startswith("no difference shown: -10.00 points [")
    assert math.isnan(best.difference)
    assert (second.epochs, second.weights) == ("2", 1234)


def test_times_are_without_compiling(complete, judged):
    evaluation = complete(0, "a", 0.5, epoch_seconds=0.25, n_epochs=2)  # fits of 1 and 2 s
    (row,) = ranking_rows(judged([evaluation]), lambda number: None)
    times = row.epoch_seconds, row.training_seconds, row.setup_seconds
    assert times == ("0.250", "0.50", "1.00")


def test_equal_scores_share_a_rank(complete, judged):
    scores = {"a": 0.9, "b": 0.9, "c": 0.5}
    evaluations = [complete(n, *item) for n, item in enumerate(scores.items())]
    rows = ranking_rows(judged(evaluations), lambda number: None)
    assert [row.rank for row in rows] == [1, 1, 3]
