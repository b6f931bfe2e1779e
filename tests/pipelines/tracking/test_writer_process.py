"""The process that writes to MLflow, started before there is a search."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from pipelines.errors import InputError
from pipelines.tracking import MLflowTracker
from pipelines.tracking.writer_process import WriterProcess

ROOT = Path(__file__).parents[3]
pytestmark = pytest.mark.usefixtures("real_writers")


def writers():
    """Those among the children, of which one that begins just now has no command line yet."""
    found = []
    for process in psutil.Process().children():
        with contextlib.suppress(psutil.Error):
            while not (words := process.cmdline()):
                time.sleep(0.01)
            if "pipelines.tracking.writer" in words:
                found.append(process)
    return found


def test_one_that_nothing_is_asked_of_leaves_no_trace(folder):
    with contextlib.suppress(InputError), WriterProcess.ahead():
        (writer,) = writers()
        raise InputError("There is no such column.")
    gone, alive = psutil.wait_procs([writer], timeout=60)
    assert gone
    assert not alive
    assert not list(folder.iterdir())


def test_without_a_search_it_ends_before_it_has_imported_mlflow(tmp_path):
    code = """
import sys, threading
from pipelines.tracking.writer import main

class Slow:
    def find_spec(self, name, *where):
        if name == "mlflow":
            threading.Event().wait(60)
            raise ImportError("MLflow was waited for")

sys.meta_path.insert(0, Slow())
main()
"""
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "journal"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        check=False,
    )
    assert done.returncode == 0
    assert not list(tmp_path.iterdir())


def test_a_tracker_takes_it_over(client, make_candidate, make_evaluation):
    with WriterProcess.ahead() as writer:
        (process,) = writers()
        with MLflowTracker(experiment="digits", writer=writer) as tracker:
            assert writers() == [process]
            candidate = make_candidate(0)
            tracker.on_candidate_begin(candidate)
            tracker.on_candidate_end(make_evaluation(candidate))
    assert psutil.wait_procs([process], timeout=60)[0]
    runs = client.search_runs([tracker.experiment_id])
    assert len(runs) == 2
    assert {run.info.status for run in runs} == {"FINISHED"}


def test_one_that_was_killed_meanwhile_is_replaced(client, kill_writer):
    with WriterProcess.ahead() as writer:
        kill_writer()
        with MLflowTracker(experiment="digits", writer=writer) as tracker:
            pass
    assert client.get_run(tracker.run_id).info.status == "FINISHED"


def test_the_run_of_mlflow_run_is_for_the_search_alone(client, monkeypatch):
    run = client.create_run("0")
    monkeypatch.setenv("MLFLOW_RUN_ID", run.info.run_id)
    with WriterProcess.ahead() as writer:
        (process,) = writers()
        assert "MLFLOW_RUN_ID" not in process.environ()
        with MLflowTracker(experiment="digits", writer=writer) as tracker:
            assert tracker.run_id == run.info.run_id
