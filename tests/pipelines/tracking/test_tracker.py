"""A search as it stands in a real store, while it runs and however it ends."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs

import mlflow
import numpy as np
import pandas as pd
import pytest

from pipelines.errors import InputError
from pipelines.processes import this_process
from pipelines.search import Evaluation, Group
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
        assert run.data.metrics["deviation/train_accuracy"] == pytest.approx(0.1)
        assert run.data.metrics["network/n_weights"] == 1234
    assert children[-1].info.end_time == int(evaluation.ended_at * 1000)


class TestGroups:
    """A group, such as an arm of a study, has a run above those of its candidates."""

    def record(self, make_candidate, make_evaluation, **last):
        candidates = [make_candidate(number) for number in range(2)]
        group = Group(5, "an arm", {"activation": "selu"}, (0, 1))
        other = Group(6, "another", {"activation": "selu"}, (1,))
        with MLflowTracker(experiment="digits") as tracker:
            tracker.on_group_begin(group)
            tracker.on_group_begin(other)
            evaluations = [
                finish(tracker, make_evaluation, candidates[0]),
                finish(tracker, make_evaluation, candidates[1], **last),
            ]
            tracker.on_group_end(group, evaluations)
            tracker.on_group_end(other, evaluations[1:])
            tracker.log_metrics(5, {"over_seeds/validation": 0.7})
        return tracker

    def below(self, client, tracker, run_id):
        runs = client.search_runs(
            [tracker.experiment_id], f"tags.`mlflow.parentRunId` = '{run_id}'"
        )
        return sorted(run.info.run_name for run in runs)

    def test_the_means_of_its_candidates(self, client, make_candidate, make_evaluation):
        tracker = self.record(make_candidate, make_evaluation)
        arm, other = children_of(client, tracker)
        assert (arm.info.run_name, arm.info.status) == ("an arm", "FINISHED")
        assert arm.data.params == {"activation": "selu"}
        assert arm.data.tags["outcome"] == "complete"
        assert "fingerprint" not in arm.data.tags
        assert arm.data.metrics["validation_accuracy"] == pytest.approx(0.7)
        assert arm.data.metrics["over_seeds/validation"] == 0.7
        assert not [name for name in arm.data.metrics if name.startswith("folds/")]
        curve = client.get_metric_history(arm.info.run_id, "curves/loss")
        assert [(point.step, point.value) for point in curve] == [(1, 4.0), (2, 3.0), (3, 1.0)]
        # A candidate of two groups is below the first.
        assert self.below(client, tracker, arm.info.run_id) == ["selu 0", "selu 1"]
        assert self.below(client, tracker, other.info.run_id) == []

    def test_one_that_failed_in_part(self, client, make_candidate, make_evaluation):
        how = {"status": "diverged", "reason": "Training diverged."}
        tracker = self.record(make_candidate, make_evaluation, **how)
        arm, other = children_of(client, tracker)
        assert (arm.info.status, arm.data.tags["outcome"]) == ("FAILED", "diverged")
        assert arm.data.tags["reason"] == "1 of 2: Training diverged."
        assert arm.data.metrics["validation_accuracy"] == pytest.approx(0.7)
        assert set(other.data.metrics) == set()

    def test_one_whose_candidates_were_all_known(self, client, make_candidate, make_evaluation):
        evaluation = make_evaluation(make_candidate(0))
        with MLflowTracker(experiment="digits") as tracker:
            group = Group(5, "an arm", {}, (0,))
            tracker.on_group_begin(group)
            tracker.on_candidate_resumed(evaluation)
            tracker.on_group_end(group, [evaluation])
        (arm,) = children_of(client, tracker)
        assert arm.info.end_time >= arm.info.start_time
        assert self.below(client, tracker, arm.info.run_id) == ["selu 0"]


def test_curves_are_kept_by_epoch_and_in_order(client, make_candidate, make_evaluation):
    with MLflowTracker(experiment="digits") as tracker:
        finish(tracker, make_evaluation, make_candidate(0))
    (child,) = children_of(client, tracker)
    history = client.get_metric_history(child.info.run_id, "curves/loss")
    assert [(metric.step, metric.value) for metric in history] == [(1, 4.0), (2, 3.0), (3, 1.0)]


def test_more_epochs_than_one_request_takes(client, make_candidate, make_evaluation):
    candidate = make_candidate(0)
    fold = make_evaluation(candidate).folds[0]
    losses = np.linspace(9, 1, 2500).tolist()
    fold.curves["loss"] = losses
    with MLflowTracker(experiment="digits") as tracker:
        finish(tracker, make_evaluation, candidate, folds=(fold,))
    (child,) = children_of(client, tracker)
    history = client.get_metric_history(child.info.run_id, "curves/loss")
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


def test_a_pruned_candidate_is_finished_with_its_curves_so_far(client, make_candidate):
    candidate = make_candidate(0)
    pruned = Evaluation(
        candidate, "pruned", "Too late.", (), 0.0, 1.0, unfinished=({"loss": [3.0, 2.0]},)
    )
    with MLflowTracker(experiment="digits") as tracker:
        tracker.on_candidate_begin(candidate)
        tracker.on_candidate_end(pruned)
    (child,) = children_of(client, tracker)
    assert child.info.status == "FINISHED"
    assert (child.data.tags["outcome"], child.data.tags["reason"]) == ("pruned", "Too late.")
    history = client.get_metric_history(child.info.run_id, "curves/loss")
    assert [(metric.step, metric.value) for metric in history] == [(1, 3.0), (2, 2.0)]
    assert child.data.metrics.keys() == {"curves/loss"}


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
    history = client.get_metric_history(child.info.run_id, "curves/loss")
    assert [(metric.step, metric.value) for metric in history] == [(1, 1.0), (3, 0.5)]
    assert client.get_run(tracker.run_id).data.metrics == {}


def test_runs_can_be_seen_while_the_search_runs(client, make_candidate):
    before = time.time()
    with MLflowTracker(experiment="digits") as tracker:
        tracker.on_candidate_begin(make_candidate(0))
        assert tracker.flush(timeout=10)
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
def test_a_process_that_is_told_to_end_leaves_no_running_run(client, tmp_path, forks):
    script = """
from pipelines.search import Candidate
from pipelines.tracking import MLflowTracker

with MLflowTracker(experiment="digits") as tracker:
    tracker.on_candidate_begin(Candidate(0, {}, {"activation": "selu"}, "selu"))
    print("started", flush=True)
    __import__("time").sleep(60)
"""
    root = Path(sys.modules["pipelines"].__file__).parents[1]
    process = forks.start(
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
        {"validation_accuracy": 0.7, "deviation/validation_accuracy": 0.1}
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


def test_a_record_that_is_refused_ends_in_one_warning(client, make_candidate, make_evaluation):
    def search():
        with MLflowTracker(experiment="digits") as tracker:
            finish(tracker, make_evaluation, make_candidate(0))
            tracker.log_settings({"seed": 0})
            tracker.log_settings({"seed": 1})  # a param cannot change
            finish(tracker, make_evaluation, make_candidate(1))
            ids.append(tracker)

    ids = []
    with pytest.warns(RuntimeWarning, match=r"mlflow.db is incomplete: 1 writes") as caught:
        search()
    (told,) = [one for one in caught if one.category is RuntimeWarning]
    assert "Changing param values is not allowed" in str(told.message)
    assert [run.info.status for run in children_of(client, ids[0])] == ["FINISHED", "FINISHED"]
    assert client.get_run(ids[0].run_id).info.status == "FINISHED"


def test_nothing_is_left_on_disk_when_all_is_in_the_store(
    client, tmp_path, make_candidate, make_evaluation
):
    with MLflowTracker(experiment="digits") as tracker:
        finish(tracker, make_evaluation, make_candidate(0))
        assert list(tmp_path.glob(".searches/*/records.jsonl"))
    assert not (tmp_path / ".searches").exists()


def test_evaluations_are_found_by_fingerprint(client, make_candidate, make_evaluation, capfd):
    def known(number, **details):
        candidate = replace(make_candidate(number), fingerprint=f"print {number}")
        return finish(tracker, make_evaluation, candidate, **details)

    with MLflowTracker(experiment="digits") as tracker:
        first = known(0)
        known(1, status="failed", reason="out of memory")
        diverged = known(2, status="diverged", reason="It diverged.")
        known(3)
    wanted = ["print 0", "print 1", "print 2", "print 9"]
    with MLflowTracker(experiment="digits") as tracker:
        capfd.readouterr()
        found = tracker.find_evaluations(wanted)
        assert capfd.readouterr() == ("", "")  # MLflow would draw a bar for each file
        assert set(found) == {"print 0", "print 2"}
        assert found["print 0"].of(first.candidate) == first
        tracker.on_candidate_resumed(found["print 2"].of(diverged.candidate))
    (again,) = children_of(client, tracker)
    assert (again.info.status, again.data.tags["outcome"]) == ("FAILED", "diverged")
    assert again.data.tags["resumed"] == "true"
    assert again.info.end_time == int(diverged.ended_at * 1000)
    with MLflowTracker(experiment="elsewhere") as tracker:
        assert tracker.find_evaluations(wanted) == {}


def test_a_record_that_the_store_does_not_have_is_not_known(
    client, make_candidate, make_evaluation
):
    with MLflowTracker(experiment="digits") as tracker:
        for number in range(2):
            candidate = replace(make_candidate(number), fingerprint=f"print {number}")
            finish(tracker, make_evaluation, candidate)
    first = min(children_of(client, tracker), key=lambda run: run.data.tags["candidate"])
    folder = client.get_run(first.info.run_id).info.artifact_uri
    (Path(folder.removeprefix("file://")) / "evaluation.json").unlink()
    with MLflowTracker(experiment="digits") as tracker:
        assert set(tracker.find_evaluations(["print 0", "print 1"])) == {"print 1"}


def test_dead_runs_are_ended_and_living_ones_left_alone(client, make_candidate):
    def running(process, **tags):
        tags["search.process"] = json.dumps(process)
        parent = client.create_run(experiment_id, tags=tags)
        search = {"search": parent.info.run_id}  # whatever run it is below
        child = client.create_run(experiment_id, tags=search)
        return [parent.info.run_id, child.info.run_id]

    experiment_id = client.create_experiment("digits")
    this, now = this_process(), time.time()
    elsewhere = {**this, "host": "elsewhere"}
    dead = [
        running({**this, "pid": 999999999}),
        running({**this, "started": 1.0}),  # the number of a process is given out again
        running(elsewhere, **{"search.heartbeat": f"{now - 600:.0f}"}),
    ]
    alive = [
        running(this),
        running(elsewhere, **{"search.heartbeat": f"{now:.0f}"}),
    ]
    other = client.create_run(experiment_id).info.run_id
    with MLflowTracker(experiment="digits") as tracker:
        tracker.find_evaluations([])
        assert client.get_run(tracker.run_id).info.status == "RUNNING"
    assert {client.get_run(id_).info.status for ids in dead for id_ in ids} == {"KILLED"}
    assert {client.get_run(id_).info.status for ids in alive for id_ in ids} == {"RUNNING"}
    assert client.get_run(other).info.status == "RUNNING"


def test_a_store_that_is_not_there_stops_the_search_before_it_begins():
    with (
        pytest.raises(InputError, match=r"http://127.0.0.1:9 for tracking \(Connection refused\)"),
        MLflowTracker(experiment="digits", tracking_uri="http://127.0.0.1:9"),
    ):
        raise AssertionError("entered")


def test_the_address_of_a_candidate_finds_its_run(client, make_candidate, make_evaluation):
    with MLflowTracker(experiment="digits", run_name="grid") as tracker:
        for number in range(2):
            finish(tracker, make_evaluation, make_candidate(number))
        address = tracker.run_address(1)
    before, query = address.split("?")
    (chosen,) = parse_qs(query)["searchFilter"]
    assert before == f"http://127.0.0.1:5000/#/experiments/{tracker.experiment_id}/runs"
    (found,) = client.search_runs([tracker.experiment_id], chosen)
    assert found.data.tags["candidate"] == "1"
