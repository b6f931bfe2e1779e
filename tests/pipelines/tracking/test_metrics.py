"""The metrics and tags that MLflow is given of an evaluation."""

import json
from dataclasses import replace

import pytest

from estimators import Finding
from pipelines.search import Evaluation, dump_evaluation
from pipelines.tracking.metrics import (
    best_epoch_metrics,
    curve_metrics,
    epoch_metrics,
    evaluation_metrics,
    evaluation_tags,
    finite_metrics,
    group_metrics,
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
    assert epoch_metrics(logs, 7, at=1.0) == [("curves/loss", 0.5, 1000, 7)]


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
            ("deviation/validation_accuracy", 0): 0.1,
            ("folds/validation_accuracy_1", 0): 0.6,
            ("folds/validation_accuracy_2", 0): 0.8,
            ("train_accuracy", 0): 0.8,
            ("deviation/train_accuracy", 0): 0.1,
            ("folds/train_accuracy_1", 0): 0.7,
            ("folds/train_accuracy_2", 0): 0.9,
            ("time/fit_seconds", 0): 3.0,
            ("folds/fit_seconds_1", 0): 2.0,
            ("folds/fit_seconds_2", 0): 4.0,
            # 3 and 2 epochs of 0.5 s each, without the 0.5 s and 3 s of all else.
            ("time/training_seconds", 0): 1.25,
            ("time/setup_seconds", 0): 1.75,
            ("time/epoch_seconds", 0): 0.5,
            ("time/predict_microseconds", 0): 3.0,
            ("network/n_weights", 0): 1234.0,
            ("network/n_epochs", 0): 2.5,
            ("curves/loss", 1): 4.0,
            ("curves/loss", 2): 3.0,
            ("curves/loss", 3): 1.0,
        }
    )


def test_figures_of_a_diagnosis_have_the_layer_as_the_step(make_candidate, make_evaluation):
    figures = {"score": 0.5, "dead": [0.25, float("nan"), 0.0]}
    evaluation = replace(make_evaluation(make_candidate(0)), figures=figures, ended_at=2.0)
    metrics = evaluation_metrics(content_of(evaluation))
    assert [one for one in metrics if one[0].startswith("diagnosis/")] == [
        ("diagnosis/score", 0.5, 2000, 0),
        ("diagnosis/dead", 0.25, 2000, 1),
        ("diagnosis/dead", 0.0, 2000, 3),
    ]


def test_figures_by_epoch_of_a_diagnosis_have_the_epoch_as_the_step(
    make_candidate, make_evaluation
):
    seen = {"dead": [[0, 0.0], [5, 0.25]]}
    evaluation = replace(make_evaluation(make_candidate(0)), figures_by_epoch=seen, ended_at=2.0)
    metrics = evaluation_metrics(content_of(evaluation))
    assert [one for one in metrics if one[0].startswith("diagnosis_by_epoch/")] == [
        ("diagnosis_by_epoch/dead", 0.0, 2000, 0),
        ("diagnosis_by_epoch/dead", 0.25, 2000, 5),
    ]


def test_an_evaluation_of_an_earlier_version_has_no_figures(make_candidate, make_evaluation):
    content = content_of(make_evaluation(make_candidate(0)))
    del content["figures"], content["figures_by_epoch"]
    assert not any(name.startswith("diagnosis") for name, *_ in evaluation_metrics(content))


def test_scores_on_held_out_rows_are_means_over_the_folds(make_candidate, make_evaluation):
    evaluation = make_evaluation(make_candidate(0))
    folds = tuple(
        replace(fold, held_out_scores={"test": {"r2": score}})
        for fold, score in zip(evaluation.folds, (0.2, 0.4), strict=True)
    )
    metrics = evaluation_metrics(content_of(replace(evaluation, folds=folds)))
    values = {name: value for name, value, *_ in metrics}
    assert values["test_r2"] == pytest.approx(0.3)
    assert values["deviation/test_r2"] == pytest.approx(0.1)


def test_a_score_that_one_fold_lacks_has_no_mean(make_candidate, make_evaluation):
    evaluation = make_evaluation(make_candidate(0))
    evaluation.folds[0].validation_scores["accuracy"] = float("nan")
    names = {name for name, *_ in evaluation_metrics(content_of(evaluation))}
    assert "folds/validation_accuracy_2" in names
    assert not {"validation_accuracy", "deviation/validation_accuracy"} & names


def test_an_evaluation_without_folds_has_tags_but_no_metrics(make_candidate, make_evaluation):
    candidate = replace(make_candidate(0), fingerprint="abc")
    content = content_of(make_evaluation(candidate, "failed", "It broke."))
    assert evaluation_metrics(content) == curve_metrics(content) == []
    assert evaluation_tags(content) == {
        "outcome": "failed",
        "reason": "It broke.",
        "fingerprint": "abc",
        "mlflow.note.content": "It broke.",
    }


def test_the_epoch_with_the_lowest_validation_loss(make_candidate, make_evaluation):
    evaluation = make_evaluation(make_candidate(0))
    fold = replace(
        evaluation.folds[0],
        curves={"loss": [3.0, 2.0, 1.0], "val_loss": [float("nan"), 0.5, 0.7]},
    )
    content = content_of(replace(evaluation, folds=(fold,), ended_at=1.0))
    assert best_epoch_metrics(content) == [
        ("best_epoch/loss", 2.0, 1000, 0),
        ("best_epoch/val_loss", 0.5, 1000, 0),
        ("best_epoch/epoch", 2.0, 1000, 0),
    ]
    assert best_epoch_metrics(content_of(evaluation)) == []  # without validation rows


def test_the_causes_are_a_tag(make_candidate, make_evaluation):
    findings = (Finding("dead units", "so", "Do."), Finding("overfit", "so", "Do."))
    evaluation = replace(make_evaluation(make_candidate(0)), findings=findings)
    assert evaluation_tags(content_of(evaluation))["diagnosis"] == "dead units, overfit"


def test_of_what_did_not_finish_there_are_the_curves(make_candidate):
    unfinished = ({"loss": [3.0, 2.0], "val_loss": [1.0]}, {"loss": [1.0, float("inf")]}, {})
    pruned = Evaluation(
        make_candidate(0), "pruned", "Too late.", (), 0.0, 1.0, unfinished=unfinished
    )
    assert curve_metrics(content_of(pruned)) == [
        ("curves/loss", 2.0, 1000, 1),
        ("curves/val_loss", 1.0, 1000, 1),
    ]


def test_curves_are_those_of_the_evaluation(make_candidate, make_evaluation):
    evaluation = make_evaluation(make_candidate(0))
    evaluation.folds[0].curves["accuracy"] = [0.1, float("nan"), 0.3]
    evaluation.folds[1].curves["accuracy"] = [0.3, 0.7]
    for name, curve in evaluation.curves.items():
        metrics = curve_metrics(content_of(evaluation))
        found = {step: value for key, value, _, step in metrics if key == f"curves/{name}"}
        assert found == pytest.approx(dict(enumerate(curve, start=1)))


def test_a_group_has_the_means_of_all_of_its_evaluations(make_candidate, make_evaluation):
    whole = make_evaluation(make_candidate(0))
    halves = [replace(whole, folds=(fold,), ended_at=at) for at, fold in enumerate(whole.folds, 1)]
    together = {
        (name, step): value
        for name, value, _, step in group_metrics([content_of(one) for one in halves])
    }
    content = content_of(whole)
    alone = {
        (name, step): value
        for name, value, _, step in [*evaluation_metrics(content), *curve_metrics(content)]
        if not name.startswith("folds/")
    }
    assert together == pytest.approx(alone)
