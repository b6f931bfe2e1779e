"""A real Dask scheduler with two workers in processes of their own."""

from __future__ import annotations

import ast
import os
import signal
import socket
from pathlib import Path

import joblib
import numpy as np
import pytest
from distributed import LocalCluster
from joblib import Parallel, delayed
from joblib._dask import DaskDistributedBackend
from joblib.parallel import get_active_backend

from pipelines import GridSearch, InputError
from pipelines.search import Candidate, Evaluation, evaluate_all
from pipelines.search.dask_workers import dask_workers

ROOT = Path(__file__).parents[3]
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def scheduler():
    os.environ["PYTHONPATH"] = str(ROOT)
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        yield cluster.scheduler_address


def killed_always(candidate):
    if candidate.number == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return Evaluation(candidate, "complete", None, (), 1.0, 2.0)


def mark_process():
    os.environ["PREPARED"] = "yes"


def mark_of_process():
    return os.environ.get("PREPARED")


def where_parts_run(candidate):
    parts = Parallel()(delayed(os.getpid)() for _ in range(20))
    return Evaluation(candidate, "complete", str({os.getpid(), *parts}), (), 1.0, 2.0)


def test_without_joblibs_backend_nothing_runs_on_the_cluster(scheduler):
    """``joblib._dask`` is private; its class is what ``parallel_config(backend="dask")`` makes."""
    with dask_workers(scheduler):
        (pid,) = Parallel(n_jobs=2)([delayed(os.getpid)()])
    assert pid != os.getpid()
    with joblib.parallel_config(backend="dask", scheduler_host=scheduler):
        backend, _ = get_active_backend()
        assert isinstance(backend, DaskDistributedBackend)


def test_workers_are_prepared(scheduler):
    with dask_workers(scheduler, prepare=mark_process):
        marks = Parallel(n_jobs=2)(delayed(mark_of_process)() for _ in range(4))
    assert marks == ["yes"] * 4
    assert "PREPARED" not in os.environ


def test_an_evaluation_stays_with_its_worker(scheduler):
    """What is parallel inside, as scikit-learn's column transformers are, would go to all."""
    candidates = [Candidate(number, {}, {}, f"number {number}") for number in range(4)]
    with dask_workers(scheduler):
        found = evaluate_all(candidates, where_parts_run)
    assert all(len(ast.literal_eval(evaluation.reason)) == 1 for evaluation in found)


def test_the_same_bits_as_in_one_process(scheduler, classes, quick):
    def search():
        grid = {"activation": ["relu", "selu"], "dropout": [0.0, 0.2]}
        return GridSearch(quick(classes), grid, refit=False).fit(classes.X, classes.y)

    alone = search()
    with dask_workers(scheduler):
        together = search()
    for one, other in zip(alone.evaluations_, together.evaluations_, strict=True):
        assert one.status == other.status == "complete"
        assert [fold.curves for fold in one.folds] == [fold.curves for fold in other.folds]
    for name in ("mean_test_accuracy", "mean_test_neg_log_loss"):
        np.testing.assert_array_equal(alone.cv_results_[name], together.cv_results_[name])


def test_what_kills_its_workers_has_failed_and_the_rest_goes_on(scheduler):
    candidates = [Candidate(number, {}, {}, f"number {number}") for number in range(4)]
    with dask_workers(scheduler):
        found = evaluate_all(candidates, killed_always)
    assert [evaluation.status for evaluation in found] == [
        "complete",
        "failed",
        "complete",
        "complete",
    ]
    assert "died twice" in found[1].reason


def test_no_scheduler_is_one_sentence(monkeypatch):
    monkeypatch.setattr("pipelines.search.dask_workers._SECONDS_TO_ANSWER", 1)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        with (
            pytest.raises(InputError, match=f"No Dask scheduler answers at {address}"),
            dask_workers(address),
        ):
            raise AssertionError("entered")


def test_a_scheduler_without_workers_is_one_sentence():
    with (
        LocalCluster(n_workers=0, dashboard_address=None) as cluster,
        pytest.raises(InputError, match="has no workers: start some with `dask worker tcp:"),
        dask_workers(cluster.scheduler_address),
    ):
        raise AssertionError("entered")
