"""Runs that `mlflow run` begins, and ends once more."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipelines.tracking.handed_over import restore_killed, take_handed_over

PROJECT = """
name: project
entry_points:
  main:
    command: python search.py
"""

SEARCH = """
import time
from pathlib import Path
from pipelines.search import Candidate
from pipelines.tracking import MLflowTracker

with MLflowTracker(experiment="digits") as tracker:
    tracker.on_candidate_begin(Candidate(0, {}, {"activation": "selu"}, "selu"))
    Path("started").touch()
    time.sleep(60)
"""


def test_what_is_handed_over_is_taken_once(monkeypatch):
    monkeypatch.setenv("MLFLOW_RUN_ID", "a")
    monkeypatch.setenv("MLFLOW_EXPERIMENT_ID", "b")
    assert take_handed_over() == {"run_id": "a", "experiment_id": "b"}
    assert take_handed_over() == {"run_id": None, "experiment_id": None}
    assert not {"MLFLOW_RUN_ID", "MLFLOW_EXPERIMENT_ID"} & set(os.environ)


def test_a_status_that_is_overwritten_is_put_back(client):
    run_id = client.create_run("0").info.run_id
    client.set_terminated(run_id, "FAILED", end_time=123456789)
    restore_killed(client, run_id, seconds=5)
    run = client.get_run(run_id).info
    assert (run.status, run.end_time) == ("KILLED", 123456789)


def test_a_status_that_stays_is_left_alone(client):
    run_id = client.create_run("0").info.run_id
    client.set_terminated(run_id, "KILLED", end_time=123456789)
    started = time.monotonic()
    restore_killed(client, run_id, seconds=0.3)
    assert 0.3 <= time.monotonic() - started < 3
    assert client.get_run(run_id).info.status == "KILLED"


@pytest.mark.slow
def test_ctrl_c_under_mlflow_run_ends_as_killed(client, tmp_path):
    (tmp_path / "MLproject").write_text(PROJECT)
    (tmp_path / "search.py").write_text(SEARCH)
    root = Path(sys.modules["pipelines"].__file__).parents[1]
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    process = subprocess.Popen(
        [sys.executable, "-m", "mlflow", "run", ".", "--env-manager", "local"],
        env={**os.environ, "PYTHONPATH": str(root), "PATH": path},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        wait_until((tmp_path / "started").exists, seconds=60)
    finally:
        # As a terminal does it: to mlflow and to the search at once.
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(timeout=30) != 0

    def statuses():
        return [run.info.status for run in client.search_runs(["0"])]

    wait_until(lambda: statuses() == ["KILLED", "KILLED"], seconds=20)


def wait_until(condition, seconds):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "nothing happened"
        time.sleep(0.2)
