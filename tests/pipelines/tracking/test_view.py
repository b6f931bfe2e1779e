"""The prepared view in MLflow's own UI, in a real browser."""

from __future__ import annotations

import re

import pytest
from mlflow import MlflowClient

from pipelines.tracker import Summary
from pipelines.tracking import MLflowTracker
from pipelines.tracking.searches import newest_view

SUMMARY = Summary(
    name="Grid search on houses",
    text="**Take tanh 1**",
    metrics=("validation_accuracy", "time/training_seconds"),
    pairs=(("time/training_seconds", "validation_accuracy"),),
    curves=(("loss",),),
    varied=("activation",),
    standings={1: "best", 0: "tied", 2: "worse"},
)


def record(make_candidate, make_evaluation, **where):
    """A search of three candidates and one that failed, of which the second is the best."""
    with MLflowTracker(experiment="houses", run_name="houses grid", **where) as tracker:
        for number, score in enumerate([0.7, 0.9, 0.5]):
            candidate = make_candidate(number, activation=["selu", "tanh", "relu"][number])
            evaluation = make_evaluation(candidate)
            for fold in evaluation.folds:
                fold.validation_scores["accuracy"] = score
            tracker.on_candidate_begin(candidate)
            tracker.on_candidate_end(evaluation)
        candidate = make_candidate(3)
        tracker.on_candidate_begin(candidate)
        tracker.on_candidate_end(make_evaluation(candidate, "failed", "It broke."))
        assert tracker.view is None
        tracker.log_summary(SUMMARY)
    return tracker


def test_the_record_says_what_the_search_came_to(client, make_candidate, make_evaluation):
    tracker = record(make_candidate, make_evaluation)
    assert client.get_run(tracker.run_id).data.tags["mlflow.note.content"] == "**Take tanh 1**"
    children = client.search_runs(
        [tracker.experiment_id], f"tags.mlflow.parentRunId = '{tracker.run_id}'"
    )
    tags = {int(run.data.tags["candidate"]): run.data.tags for run in children}
    colors = [tags[number].get("mlflow.runColor") for number in range(4)]
    assert colors == ["#0072b2", "#d55e00", "#a0a0a0", None]
    assert tags[3]["mlflow.note.content"] == "It broke."
    experiment = client.get_experiment(tracker.experiment_id)
    assert experiment.tags["mlflow.experiment.primaryMetric.name"] == "validation_accuracy"


def test_the_newest_view_of_a_store(client, make_candidate, make_evaluation, tmp_path):
    assert newest_view(client.tracking_uri) is None
    record(make_candidate, make_evaluation)
    tracker = record(make_candidate, make_evaluation)
    assert newest_view(client.tracking_uri) == tracker.view
    assert tracker.view == (
        f"http://127.0.0.1:5000/#/experiments/{tracker.experiment_id}/runs"
        f"?workflowType=machine_learning&viewStateShareKey={tracker.run_id[:8]}"
    )
    assert newest_view(f"sqlite:///{tmp_path}/none.db") is None
    assert not (tmp_path / "none.db").exists()
    assert newest_view("http://127.0.0.1:9") is None


@pytest.mark.slow
def test_the_ui_shows_it(tracking_server, browse, make_candidate, make_evaluation):
    with tracking_server() as (address, _):
        tracker = record(make_candidate, make_evaluation, tracking_uri=address)
        assert tracker.view.startswith(address)
        table, _ = browse(tracker.view, seconds=30)
        charts, _ = browse(f"{tracker.view}&compareRunsMode=CHART", seconds=30)
        # What is not understood is left out.
        client = MlflowClient(tracking_uri=address)
        name = f"mlflow.sharedViewState.{tracker.run_id[:8]}"
        client.set_experiment_tag(tracker.experiment_id, name, '{"another": "format"}')
        broken, _ = browse(tracker.view, seconds=30)
    # The failed one, which has no score, comes last.
    names = ["tanh 1", "selu 0", "relu 2", "selu 3"]
    shown = [one for one in re.findall(r">([a-z]+ \d)</span>", table) if one in names]
    assert list(dict.fromkeys(shown)) == names
    columns = set(re.findall(r'col-id="([a-z]+\.`[^`]+`)"', table))
    expected = {"metrics.`validation_accuracy`", "metrics.`time/training_seconds`"}
    assert columns >= {*expected, "params.`activation`"}
    assert "Grid search on houses" in table
    for told in ("Scores", "Learning curves", "time/training_seconds"):
        assert told in charts
    assert "houses grid" in broken
