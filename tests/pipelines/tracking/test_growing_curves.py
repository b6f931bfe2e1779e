"""Curves grow in MLflow while a candidate trains, and have each epoch once."""

from __future__ import annotations

import os
import pickle
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from pipelines import GridSearch, load_dataset, make_pipeline
from pipelines.tracking import MLflowTracker

LOSSES = [1 / epoch for epoch in range(1, 41)]


@pytest.fixture
def evaluation_of(make_evaluation):
    """A function that makes an evaluation whose only fold has the losses as its curve."""

    def make(candidate):
        fold = make_evaluation(candidate).folds[0]
        fold.curves["loss"] = list(LOSSES)
        return make_evaluation(candidate, folds=(fold,))

    return make


def worker_of(tracker, candidate):
    """What the candidate's worker calls, as it arrives there."""
    return pickle.loads(pickle.dumps(tracker.epoch_writer(candidate)))


def only_child(client, tracker):
    (run,) = client.search_runs(
        [tracker.experiment_id], f"tags.`mlflow.parentRunId` = '{tracker.run_id}'"
    )
    return run


def history(client, run, metric="curves/loss"):
    """Steps and values of a metric, as often as the store has them."""
    found = client.get_metric_history(run.info.run_id, metric)
    return sorted((one.step, one.value) for one in found)


def wait_until(condition, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "nothing happened"
        time.sleep(0.1)


def wait_for_epochs(client, tracker, n_epochs):
    assert tracker.flush()
    wait_until(lambda: len(history(client, only_child(client, tracker))) >= n_epochs)


def test_epochs_are_seen_while_the_candidate_trains(client, make_candidate, evaluation_of):
    expected = list(enumerate(LOSSES, start=1))
    candidate = make_candidate(0)
    with MLflowTracker(experiment="digits") as tracker:
        tracker.on_candidate_begin(candidate)
        write = worker_of(tracker, candidate)
        for epochs in (expected[:3], expected[3:10]):
            for epoch, loss in epochs:
                write(epoch, {"loss": loss})
            wait_for_epochs(client, tracker, epochs[-1][0])
            assert history(client, only_child(client, tracker)) == expected[: epochs[-1][0]]
            assert only_child(client, tracker).info.status == "RUNNING"
        write(11, {"loss": LOSSES[10]})
        tracker.on_candidate_end(evaluation_of(candidate))
    child = only_child(client, tracker)
    assert child.info.status == "FINISHED"
    assert history(client, child) == expected
    assert child.data.metrics["curves/loss"] == LOSSES[-1]


def test_no_epoch_is_there_twice_after_the_writer_was_killed(
    client, make_candidate, evaluation_of, kill_writer
):
    candidate = make_candidate(0)
    with MLflowTracker(experiment="digits") as tracker:
        tracker.on_candidate_begin(candidate)
        write = worker_of(tracker, candidate)
        for epoch, loss in enumerate(LOSSES[:30], start=1):
            write(epoch, {"loss": loss, "accuracy": 1 - loss})
            if epoch in (10, 20):
                wait_for_epochs(client, tracker, epoch)
                kill_writer()
        assert len(history(client, only_child(client, tracker))) < 30
        tracker.on_candidate_end(evaluation_of(candidate))
    child = only_child(client, tracker)
    assert history(client, child) == list(enumerate(LOSSES, start=1))
    assert [step for step, _ in history(client, child, "curves/accuracy")] == [*range(1, 31)]


def test_where_the_worker_writes_nothing_the_curve_comes_at_the_end(
    client, make_candidate, evaluation_of
):
    candidate = make_candidate(0)
    with MLflowTracker(experiment="digits") as tracker:
        tracker.on_candidate_begin(candidate)
        tracker.on_candidate_end(evaluation_of(candidate))
    assert history(client, only_child(client, tracker)) == list(enumerate(LOSSES, start=1))


KILLED = """
import os, signal
from pipelines.search import Candidate
from pipelines.tracking import MLflowTracker

with MLflowTracker(experiment="digits") as tracker:
    candidate = Candidate(0, {}, {"activation": "selu"}, "selu")
    tracker.on_candidate_begin(candidate)
    for epoch in range(1, 6):
        tracker.epoch_writer(candidate)(epoch, {"loss": 1 / epoch})
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.slow
def test_a_search_that_is_killed_keeps_its_epochs(client, tmp_path, forks):
    root = Path(sys.modules["pipelines"].__file__).parents[1]
    forks.run([sys.executable, "-c", KILLED], env={**os.environ, "PYTHONPATH": str(root)})
    wait_until(lambda: not (tmp_path / ".searches").exists())
    experiment = client.get_experiment_by_name("digits")
    runs = client.search_runs([experiment.experiment_id])
    assert [run.info.status for run in runs] == ["KILLED", "KILLED"]
    (child,) = [run for run in runs if "mlflow.parentRunId" in run.data.tags]
    assert history(client, child) == list(enumerate(LOSSES[:5], start=1))


@pytest.mark.slow
def test_workers_of_a_search_write_their_epochs(client):
    iris = load_dataset("iris")
    with MLflowTracker(experiment="iris") as tracker:
        search = GridSearch(
            make_pipeline(iris, preset="plain", hidden_layer_sizes=(8,), epochs=20, random_state=0),
            {"activation": ["relu", "selu"]},
            n_jobs=2,
            observers=[tracker],
        ).fit(iris.X, iris.y)
    children = client.search_runs(
        [tracker.experiment_id], f"tags.`mlflow.parentRunId` = '{tracker.run_id}'"
    )
    assert len(children) == 2
    for run in children:
        evaluation = search.evaluations_[int(run.data.tags["candidate"])]
        for name, curve in evaluation.curves.items():
            metric = client.get_metric_history(run.info.run_id, f"curves/{name}")
            assert Counter(one.step for one in metric) == Counter(range(1, 21))
            values = [one.value for one in sorted(metric, key=lambda one: one.step)]
            np.testing.assert_allclose(values, curve)
            # At the end of the candidate they would all have one time.
            assert len({one.timestamp for one in metric}) > 1
