from __future__ import annotations

from types import SimpleNamespace

import pytest

from pipelines.cli.summary import search_summary, study_summary
from pipelines.report import judge_search, printed_metric
from pipelines.search import Candidate, Evaluation, FoldResult

CURVES = {"loss": [1.0, 0.5], "val_loss": [1.0, 0.6], "val_accuracy": [0.5, 0.7]}


def evaluated(number, scores, **hyperparameters):
    folds = tuple(
        FoldResult({"accuracy": score}, {"accuracy": score}, 1, 0, 0.1, 1, 10, 2, CURVES)
        for score in scores
    )
    candidate = Candidate(number, {}, hyperparameters, f"candidate {number}")
    return Evaluation(candidate, "complete", None, folds, 0.0, 1.0)


@pytest.fixture
def verdict():
    evaluations = [
        evaluated(0, [0.90, 0.92, 0.91], activation="relu", dropout=0.0, epochs=2, x=1),
        evaluated(1, [0.89, 0.93, 0.90], activation="elu", dropout=0.1, epochs=2, x=1),
        evaluated(2, [0.30, 0.31, 0.32], activation="selu", dropout=0.0, epochs=2, x=1),
        evaluated(3, [0.31, 0.30, 0.32], activation="relu", dropout=0.0, epochs=2, x=2),
    ]
    rows = [(range(4), range(2))] * 3
    metrics = [printed_metric("accuracy")]
    return judge_search(
        evaluations, evaluations[0], metrics=metrics, splits=rows, test_scores={}, n_test_rows=9
    )


def test_what_is_seen_first_of_a_search(verdict):
    summary = search_summary("Grid search on digits", verdict, ["Train longer."])
    assert summary.text.startswith("**Take candidate 0: validation accuracy 91.00 %")
    assert "What to try next:\n\n- Train longer." in summary.text
    assert summary.metrics[:2] == ("validation_accuracy", "deviation/validation_accuracy")
    assert summary.curves == (("val_accuracy",), ("val_loss", "loss"))
    assert summary.standings == {0: "best", 1: "tied", 2: "worse", 3: "worse"}
    assert summary.varied == ("activation",)  # one configuration alone has another dropout, or x


def test_where_each_is_alone_with_its_value_all_are_told():
    pair = [evaluated(n, [0.5, 0.6], rate=n, epochs=2) for n in range(2)]
    rows = [(range(4), range(2))] * 2
    metrics = [printed_metric("accuracy")]
    verdict = judge_search(
        pair, pair[1], metrics=metrics, splits=rows, test_scores={}, n_test_rows=9
    )
    assert search_summary("", verdict).varied == ("rate",)


def test_of_a_study_the_lowest_error_comes_first(monkeypatch):
    monkeypatch.setattr("pipelines.study.report.findings", lambda study, claims: ["Better: selu."])
    metric = SimpleNamespace(greater_is_better=False)
    summary = study_summary("a study", SimpleNamespace(judged_by="in_range", metric=metric), ())
    assert summary.text.startswith("- Better: selu.")
    assert summary.metrics[0] == "over_seeds/in_range"
    assert not summary.greater_is_better
