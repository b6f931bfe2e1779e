"""The metrics and tags that MLflow is given of an evaluation."""

import json
from dataclasses import replace

import pytest

from pipelines.search import Evaluation, dump_evaluation
from pipelines.tracking.metrics import (
    curve_metrics,
    epoch_metrics,
    evaluation_metrics,
    evaluation_tags,
    finite_metrics,
)


def content_of(evaluation):
    return json.loads(dump_evaluation(evaluation))


def test_a_metric_keeps_what_mlflow_takes_of_its_name():
    assert finite_metrics({"f1 (macro)": 1.0}, at=0) == [("f1 _macro_", 1.0, 0, 0)]
    assert finite_metrics({"a.b/c-d_1": 1.0}, at=0) == [("a.b/c-d_1", 1.0, 0, 0)]


def test_values_that_are_not_finite_are_left_out():
    scores = {"accuracy": 0.5, "r2": float("nan"), "log_loss": float("-inf")}
    assert finite_metrics(scores, at=12.5) == [("accuracy", 0.5, 12500, 0)]


def test_an_epoch_has_its_number_as_the_step():
    logs = {"loss": 0.5, "val_loss": float("inf")}
    assert epoch_metrics(logs, 7, at=1.0) == [("epoch_loss", 0.5, 1000, 7)]


def test_an_evaluation_gives_every_metric_once_a_step(make_candidate, make_evaluation):
    # Two folds: scores 0.6 and 0.8 (train 0.7 and 0.9), 2 s and 4 s, and
    # losses 3, 2, 1 and 5, 4, whose means by epoch are 4, 3, 1.
    evaluation = replace(make_evaluation(make_candidate(0)), ended_at=2.0)
    content = content_of(evaluation)
    metrics = [*evaluation_metrics(content), *curve_metrics(content)]
    by_step = {(name, step): value for name, value, _, step in metrics}
    assert len(by_step) == len(metrics)
    assert {at for _, _, at, _ in metrics} == {2000}
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


def test_scores_on_held_out_rows_are_means_over_the_folds(make_candidate, make_evaluation):
    evaluation = make_evaluation(make_candidate(0))
    folds = tuple(
        replace(fold, held_out_scores={"test": {"r2": score}})
        for fold, score in zip(evaluation.folds, (0.2, 0.4), strict=True)
    )
    metrics = evaluation_metrics(content_of(replace(evaluation, folds=folds)))
    values = {name: value for name, value, *_ in metrics}
    assert values["test_r2"] == pytest.approx(0.3)
    assert values["test_r2_std"] == pytest.approx(0.1)


def test_a_score_that_one_fold_lacks_has_no_mean(make_candidate, make_evaluation):
    evaluation = make_evaluation(make_candidate(0))
    evaluation.folds[0].validation_scores["accuracy"] = float("nan")
    names = {name for name, *_ in evaluation_metrics(content_of(evaluation))}
    assert "validation_accuracy_fold2" in names
    assert not {"validation_accuracy", "validation_accuracy_std"} & names


def test_an_evaluation_without_folds_has_tags_but_no_metrics(make_candidate, make_evaluation):
    candidate = replace(make_candidate(0), fingerprint="abc")
    content = content_of(make_evaluation(candidate, "failed", "It broke."))
    assert evaluation_metrics(content) == curve_metrics(content) == []
    assert evaluation_tags(content) == {
        "outcome": "failed",
        "reason": "It broke.",
        "fingerprint": "abc",
    }


def test_of_what_did_not_finish_there_are_the_curves(make_candidate):
    unfinished = ({"loss": [3.0, 2.0], "val_loss": [1.0]}, {"loss": [1.0, float("inf")]}, {})
    pruned = Evaluation(
        make_candidate(0), "pruned", "Too late.", (), 0.0, 1.0, unfinished=unfinished
    )
    assert curve_metrics(content_of(pruned)) == [
        ("epoch_loss", 2.0, 1000, 1),
        ("epoch_val_loss", 1.0, 1000, 1),
    ]


def test_curves_are_those_of_the_evaluation(make_candidate, make_evaluation):
    evaluation = make_evaluation(make_candidate(0))
    evaluation.folds[0].curves["accuracy"] = [0.1, float("nan"), 0.3]
    evaluation.folds[1].curves["accuracy"] = [0.3, 0.7]
    for name, curve in evaluation.curves.items():
        metrics = curve_metrics(content_of(evaluation))
        found = {step: value for key, value, _, step in metrics if key == f"epoch_{name}"}
        assert found == pytest.approx(dict(enumerate(curve, start=1)))
