"""The names, strings and numbers that MLflow is given."""

import numpy as np
import pytest

from pipelines.search import Evaluation
from pipelines.tracking.values import (
    clean_value,
    evaluation_metrics,
    metric_name,
    score_metrics,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "none"),
        (True, "true"),
        (np.bool_(False), "false"),
        (3, "3"),
        (np.int64(3), "3"),
        (0.001, "0.001"),
        (np.float64(1e-5), "1e-05"),
        ("he_normal", "he_normal"),
        ((100, 50, 10), "100-50-10"),
        ([1], "1"),
        (np.array([2, 3]), "2-3"),
        ((), "none"),
        ({"a": 1, "b": None}, "a=1, b=none"),
        (np.mean, "mean"),
    ],
)
def test_a_value_becomes_clean_text(value, text):
    assert clean_value(value) == text


def test_a_metric_name_keeps_what_mlflow_takes():
    assert metric_name("validation_f1 (macro)") == "validation_f1 _macro_"
    assert metric_name("a.b/c-d_1") == "a.b/c-d_1"


def test_scores_that_are_not_finite_are_left_out():
    scores = {"accuracy": 0.5, "r2": float("nan"), "log_loss": float("-inf")}
    assert score_metrics(scores, "test") == [("test_accuracy", 0.5, 0)]


def test_an_evaluation_gives_every_metric_once_a_step(make_candidate, make_evaluation):
    # Two folds: scores 0.6 and 0.8 (train 0.7 and 0.9), 2 s and 4 s, and
    # losses 3, 2, 1 and 5, 4, whose means by epoch are 4, 3, 1.
    metrics = evaluation_metrics(make_evaluation(make_candidate(0)))
    by_step = {(name, step): value for name, value, step in metrics}
    assert len(by_step) == len(metrics)
    assert by_step == pytest.approx(
        {
            ("validation_accuracy", 0): 0.7,
            ("validation_accuracy_std", 0): 0.1,
            ("validation_accuracy_fold1", 0): 0.6,
            ("validation_accuracy_fold2", 0): 0.8,
            ("train_accuracy", 0): 0.8,
            ("train_accuracy_std", 0): 0.1,
            ("train_accuracy_fold1", 0): 0.7,
            ("train_accuracy_fold2", 0): 0.9,
            ("fit_seconds", 0): 3.0,
            ("fit_seconds_fold1", 0): 2.0,
            ("fit_seconds_fold2", 0): 4.0,
            ("epoch_seconds", 0): 0.5,
            ("predict_microseconds", 0): 3.0,
            ("n_weights", 0): 1234.0,
            ("n_epochs", 0): 2.5,
            ("epoch_loss", 1): 4.0,
            ("epoch_loss", 2): 3.0,
            ("epoch_loss", 3): 1.0,
        }
    )


def test_an_evaluation_without_folds_has_no_metrics(make_candidate, make_evaluation):
    assert evaluation_metrics(make_evaluation(make_candidate(0), "failed", "It broke.")) == []


def test_of_what_did_not_finish_there_are_the_curves(make_candidate):
    unfinished = ({"loss": [3.0, 2.0], "val_loss": [1.0]}, {"loss": [1.0, float("inf")]}, {})
    pruned = Evaluation(
        make_candidate(0), "pruned", "Too late.", (), 0.0, 1.0, unfinished=unfinished
    )
    assert evaluation_metrics(pruned) == [("epoch_loss", 2.0, 1), ("epoch_val_loss", 1.0, 1)]
