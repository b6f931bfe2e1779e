"""A search as it stands in a real store, while it runs and however it ends."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
import pytest
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

from pipelines.errors import InputError
from pipelines.tracking import MLflowTracker


def children_of(client, tracker):
    runs = client.search_runs(
        [tracker.experiment_id], f"tags.`mlflow.parentRunId` = '{tracker.run_id}'"
    )
    return sorted(runs, key=lambda run: int(run.data.tags["candidate"]))


def artifacts_of(client, run_id):
    return {file.path for file in client.list_artifacts(run_id)}


def finish(tracker, make_evaluation, candidate, **details):
    tracker.on_candidate_begin(candidate)
    evaluation = make_evaluation(candidate, **details)
    tracker.on_candidate_end(evaluation)
    return evaluation


def test_each_candidate_is_a_child_run_with_all_there_is_to_compare(
    client, make_candidate, make_evaluation
):
    with MLflowTracker(experiment="digits", run_name="grid") as tracker:
        tracker.on_search_begin(2, 3)
        for number, layers in enumerate([(10,), (20, 10)]):
            candidate = make_candidate(number, hidden_layer_sizes=layers)
            evaluation = finish(tracker, make_evaluation, candidate)
        tracker.on_search_end()
    parent = client.get_run(tracker.run_id)
    assert (parent.info.run_name, parent.info.status) == ("grid", "FINISHED")
    assert parent.data.params == {"search.n_candidates": "2", "search.n_fits": "6"}
    children = children_of(client, tracker)
    assert [run.info.run_name for run in children] == ["selu 0", "selu 1"]
    assert [run.data.params for run in children] == [
        {"activation": "selu", "hidden_layer_sizes": "10", "dropout": "none"},
        {"activation": "selu", "hidden_layer_sizes": "20-10", "dropout": "none"},
    ]
    for run in children:
        assert run.info.status == "FINISHED"
        assert run.data.tags["outcome"] == "complete"
        assert run.data.tags["mlflow.user"] == parent.data.tags["mlflow.user"]
        assert run.data.metrics["validation_accuracy"] == pytest.approx(0.7)
        assert run.data.metrics["train_accuracy_std"] == pytest.approx(0.1)
        assert run.data.metrics["n_weights"] == 1234
    assert children[-1].info.end_time == int(evaluation.ended_at * 1000)


def test_curves_are_kept_by_epoch_and_in_order(client, make_candidate, make_evaluation):
    with MLflowTracker(experiment="digits") as tracker:
        finish(tracker, make_evaluation, make_candidate(0))
    (child,) = children_of(client, tracker)
    history = client.get_metric_history(child.info.run_id, "epoch_loss")
    assert [(metric.step, metric.value) for metric in history] == [(1, 4.0), (2, 3.0), (3, 1.0)]


def test_more_epochs_than_one_request_takes(client, make_candidate, make_evaluation):
    candidate = make_candidate(0)
    fold = make_evaluation(candidate).folds[0]
    losses = np.linspace(9, 1, 2500).tolist()
    fold.curves["loss"] = losses
    with MLflowTracker(experiment="digits") as tracker:
        finish(tracker, make_evaluation, candidate, folds=(fold,))
    (child,) = children_of(client, tracker)
    history = client.get_metric_history(child.info.run_id, "epoch_loss")
    assert [metric.value for metric in sorted(history, key=lambda m: m.step)] == losses


@pytest.mark.parametrize("outcome", ["failed", "diverged"])
def test_a_candidate_that_fails_says_why_under_the_same_columns(
    client, make_candidate, make_evaluation, outcome
):
    with MLflowTracker(experiment="digits") as tracker:
        finish(tracker, make_evaluation, make_candidate(0), status=outcome, reason="It broke.")
        finish(tracker, make_evaluation, make_candidate(1))
    failed, complete = children_of(client, tracker)
    assert failed.info.status == "FAILED"
    assert (failed.data.tags["outcome"], failed.data.tags["reason"]) == (outcome, "It broke.")
    assert failed.data.metrics == {}
    assert failed.data.params.keys() == complete.data.params.keys()
    assert client.get_run(tracker.run_id).info.status == "FINISHED"


def test_numbers_that_are_not_finite_break_nothing(client, make_candidate, make_evaluation):
    candidate = make_candidate(0)
    fold = make_evaluation(candidate).folds[0]
    fold.validation_scores["accuracy"] = float("nan")
    fold.curves["loss"] = [1.0, float("inf"), 0.5]
    with MLflowTracker(experiment="digits") as tracker:
        evaluation = finish(tracker, make_evaluation, candidate, folds=(fold,))
        tracker.log_best(evaluation)
        tracker.log_test_scores({"accuracy": float("nan")})
    (child,) = children_of(client, tracker)
    assert "validation_accuracy" not in child.data.metrics
    assert child.data.metrics["train_accuracy"] == pytest.approx(0.7)
    history = client.get_metric_history(child.info.run_id, "epoch_loss")
    assert [(metric.step, metric.value) for metric in history] == [(1, 1.0), (3, 0.5)]
    assert client.get_run(tracker.run_id).data.metrics == {}


def test_runs_can_be_seen_while_the_search_runs(client, make_candidate):
    before = time.time()
    with MLflowTracker(experiment="digits") as tracker:
        tracker.on_candidate_begin(make_candidate(0))
        assert tracker._writer.drain(patience=10)
        (child,) = children_of(client, tracker)
        assert child.info.status == "RUNNING"
        assert before * 1000 - 1 <= child.info.start_time <= time.time() * 1000
        assert child.data.params["activation"] == "selu"
        assert client.get_run(tracker.run_id).info.status == "RUNNING"


def test_candidates_from_many_threads(client, make_candidate, make_evaluation):
    with MLflowTracker(experiment="digits") as tracker:
        threads = [
            threading.Thread(target=finish, args=(tracker, make_evaluation, make_candidate(number)))
            for number in range(12)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    children = children_of(client, tracker)
    assert [run.data.tags["candidate"] for run in children] == [str(n) for n in range(12)]
    assert {run.info.status for run in children} == {"FINISHED"}


def test_ctrl_c_kills_what_runs_and_keeps_what_is_finished(client, make_candidate, make_evaluation):
    with contextlib.suppress(KeyboardInterrupt), MLflowTracker(experiment="digits") as tracker:
        finish(tracker, make_evaluation, make_candidate(0))
        tracker.on_candidate_begin(make_candidate(1))
        raise KeyboardInterrupt
    assert [run.info.status for run in children_of(client, tracker)] == ["FINISHED", "KILLED"]
    assert client.get_run(tracker.run_id).info.status == "KILLED"


def test_an_error_fails_the_parent_with_its_reason(client, make_candidate):
    with contextlib.suppress(ValueError), MLflowTracker(experiment="digits") as tracker:
        tracker.on_candidate_begin(make_candidate(0))
        raise ValueError("odd")
    parent = client.get_run(tracker.run_id)
    assert (parent.info.status, parent.data.tags["reason"]) == ("FAILED", "ValueError: odd")
    assert [run.info.status for run in children_of(client, tracker)] == ["KILLED"]


@pytest.mark.slow
def test_a_process_that_is_told_to_end_leaves_no_running_run(client, tmp_path):
    script = """
from pipelines.search import Candidate
from pipelines.tracking import MLflowTracker

with MLflowTracker(experiment="digits") as tracker:
    tracker.on_candidate_begin(Candidate(0, {}, {"activation": "selu"}, "selu"))
    print("started", flush=True)
    __import__("time").sleep(60)
"""
    root = Path(sys.modules["pipelines"].__file__).parents[1]
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": str(root)},
        stdout=subprocess.PIPE,
    )
    assert process.stdout.readline() == b"started\n"
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=30) == 143
    experiment = client.get_experiment_by_name("digits")
    runs = client.search_runs([experiment.experiment_id])
    assert [run.info.status for run in runs] == ["KILLED", "KILLED"]


def test_the_parent_has_everything_about_the_search(client, classifier, tmp_path):
    dataset, _ = classifier
    results = pd.DataFrame({"name": ["a", "b"], "score": [0.5, np.nan], "reason": [None, "x"]})
    with MLflowTracker(experiment="houses") as tracker:
        tracker.log_dataset(dataset)
        tracker.log_settings({"random_state": 0, "scoring": ["accuracy", "f1"], "groups": None})
        tracker.log_text("activation: [selu]\n", "grid.yaml")
        tracker.log_text("<p>Größe</p>", "report.html")
        tracker.log_results(results)
        tracker.log_test_scores({"accuracy": 0.75})
    parent = client.get_run(tracker.run_id)
    (used,) = parent.inputs.dataset_inputs
    assert (used.dataset.name, used.dataset.digest) == ("houses", dataset.digest)
    assert "https://example.org/houses" in used.dataset.source
    assert json.loads(used.dataset.profile) == {"num_rows": 80, "num_elements": 400}
    assert [(tag.key, tag.value) for tag in used.tags] == [("mlflow.data.context", "development")]
    assert parent.data.params == {
        "search.random_state": "0",
        "search.scoring": "accuracy-f1",
        "search.groups": "none",
    }
    assert parent.data.metrics == {"test_accuracy": 0.75}
    assert parent.data.tags["version.numpy"] == np.__version__
    assert parent.data.tags["version.python"].startswith("3.")
    expected = {"grid.yaml", "report.html", "results.csv", "results.json"}
    assert artifacts_of(client, tracker.run_id) == expected
    copy = client.download_artifacts(tracker.run_id, "report.html", str(tmp_path / "mlruns"))
    assert Path(copy).read_text(encoding="utf-8") == "<p>Größe</p>"
    shown = client.load_table(tracker.experiment_id, "results.json", [tracker.run_id])
    assert shown["name"].tolist() == ["a", "b"]
    copy = client.download_artifacts(tracker.run_id, "results.csv", str(tmp_path / "mlruns"))
    pd.testing.assert_frame_equal(pd.read_csv(copy), results)


def test_the_parent_points_to_the_best_child(client, make_candidate, make_evaluation):
    with MLflowTracker(experiment="digits") as tracker:
        best = finish(tracker, make_evaluation, make_candidate(3))
        finish(tracker, make_evaluation, make_candidate(4))
        tracker.log_best(best)
    parent = client.get_run(tracker.run_id)
    assert parent.data.tags["best_run_id"] == children_of(client, tracker)[0].info.run_id
    assert parent.data.tags["best_candidate"] == "selu 3"
    assert parent.data.metrics == pytest.approx(
        {"validation_accuracy": 0.7, "validation_accuracy_std": 0.1}
    )


def test_a_run_of_mlflow_run_keeps_its_own_params(client, monkeypatch):
    given = client.create_run(client.create_experiment("project"))
    client.log_param(given.info.run_id, "dataset", "'digits'")
    monkeypatch.setenv("MLFLOW_RUN_ID", given.info.run_id)
    with MLflowTracker(experiment="digits") as tracker:
        tracker.log_settings({"dataset": "digits"})
    assert tracker.run_id == given.info.run_id
    assert client.get_run(tracker.run_id).data.params == {
        "dataset": "'digits'",
        "search.dataset": "digits",
    }


def test_the_state_of_mlflow_itself_is_left_alone(client, make_candidate, make_evaluation):
    with MLflowTracker(experiment="digits") as tracker:
        finish(tracker, make_evaluation, make_candidate(0))
    assert mlflow.active_run() is None
    assert "MLFLOW_TRACKING_URI" not in os.environ


def test_writes_that_fail_end_in_one_warning(client, monkeypatch, make_candidate, make_evaluation):
    def refuse(self, *args, **kwargs):
        raise MlflowException("the disk is full")

    tracker = MLflowTracker(experiment="digits").__enter__()
    with monkeypatch.context() as patch:
        patch.setattr(MlflowClient, "create_run", refuse)
        finish(tracker, make_evaluation, make_candidate(0))
        assert tracker._writer.drain(patience=10)
    finish(tracker, make_evaluation, make_candidate(1))
    message = r"mlflow.db is incomplete: 3 of \d+ writes failed"
    with pytest.warns(RuntimeWarning, match=message) as caught:
        tracker.__exit__(None, None, None)
    assert len(caught) == 1
    assert "(the disk is full)" in str(caught[0].message)
    assert [run.info.status for run in children_of(client, tracker)] == ["FINISHED"]
    assert client.get_run(tracker.run_id).info.status == "FINISHED"


def test_a_store_that_hangs_does_not_hold_the_search_up(client, monkeypatch, make_candidate):
    release = threading.Event()
    monkeypatch.setattr("pipelines.tracking.tracker._PATIENCE", 0.3)
    tracker = MLflowTracker(experiment="digits").__enter__()
    assert tracker._writer.drain(patience=10)
    monkeypatch.setattr(MlflowClient, "create_run", lambda *args, **kwargs: release.wait(20))
    started = time.monotonic()
    tracker.on_candidate_begin(make_candidate(0))
    assert time.monotonic() - started < 0.2
    with pytest.warns(RuntimeWarning, match=r"3 of \d+ writes failed \(no answer\)"):
        tracker.__exit__(None, None, None)
    assert time.monotonic() - started < 5
    release.set()


def test_a_store_that_is_not_there_stops_the_search_before_it_begins():
    with (
        pytest.raises(InputError, match=r"http://127.0.0.1:9 for tracking \(Connection refused\)"),
        MLflowTracker(experiment="digits", tracking_uri="http://127.0.0.1:9"),
    ):
        raise AssertionError("entered")
