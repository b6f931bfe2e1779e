from __future__ import annotations

import pytest

from pipelines import InputError
from pipelines.optuna_search.objectives import (
    OBJECTIVES,
    check_objectives,
    epoch_value,
    pareto_front,
)
from pipelines.search import Candidate, Evaluation, FoldResult


def evaluation(*folds):
    def fold(score, predict_microseconds, n_weights, fit_seconds):
        return FoldResult(
            {}, {"r2": score}, fit_seconds, 0.0, 0.0, predict_microseconds, n_weights, 1, {}
        )

    results = tuple(fold(*values) for values in folds)
    return Evaluation(Candidate(0, {}, {}, "it"), "complete", None, results, 0.0, 1.0)


def test_each_is_a_mean_over_the_folds():
    one = evaluation((0.5, 2.0, 10, 1.0), (0.7, 4.0, 10, 2.0))
    values = {name: objective.value(one, "r2") for name, objective in OBJECTIVES.items()}
    assert values == {
        "score": pytest.approx(0.6),
        "predict_microseconds": 3.0,
        "n_weights": 10,
        "fit_seconds": 1.5,
    }
    directions = {name: objective.direction for name, objective in OBJECTIVES.items()}
    assert directions.pop("score") == "maximize"
    assert set(directions.values()) == {"minimize"}


@pytest.mark.parametrize(
    ("metric", "value"),
    [
        ("accuracy", 0.9),
        ("neg_mean_absolute_error", -2.0),
        ("neg_log_loss", -0.3),
        ("r2", -0.3),
        ("f1_macro", -0.3),
    ],
)
def test_by_epoch_the_metrics_own_curve_else_the_loss_counts(metric, value):
    logs = {
        "loss": 0.1,
        "accuracy": 1.0,
        "val_loss": 0.3,
        "val_accuracy": 0.9,
        "val_mean_absolute_error": 2.0,
    }
    assert epoch_value(metric, logs) == value


def test_by_epoch_without_a_curve_of_the_metric():
    assert epoch_value("accuracy", {"loss": 0.1, "val_loss": 0.3}) == -0.3


@pytest.mark.parametrize("names", ["score", ["score"], ("score",)])
def test_names(names):
    assert check_objectives(names) == ("score",)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["scor"], r"There is no objective 'scor' \(did you mean 'score'\?\); choose one of score"),
        ([], r"objectives must name one or several, each once"),
        (["score", "score"], r"objectives must name one or several, each once"),
    ],
)
def test_mistakes(names, message):
    with pytest.raises(InputError, match=message):
        check_objectives(names)


def test_the_pareto_front_of_several_objectives():
    points = [(0.9, 10), (0.8, 5), (0.8, 7), (0.7, 5), (0.9, 10)]
    evaluations = [evaluation((score, 1.0, size, 1.0)) for score, size in points]
    broken = Evaluation.failed(Candidate(5, {}, {}, "broken"), "It broke.")
    front = pareto_front([*evaluations, broken], ("score", "n_weights"), "r2")
    assert [evaluations.index(one) for one in front] == [0, 1, 0]  # equal ones are both in it
    assert pareto_front([broken], ("score",), "r2") == []
