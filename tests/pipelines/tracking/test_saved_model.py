"""A model that another process saves, whatever happens to that or to this one."""

from __future__ import annotations

import math
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipelines.tracker import Measured
from pipelines.tracking import MLflowTracker, load_pipeline, upload_journals
from pipelines.tracking.model_files import write_model
from pipelines.tracking.saved_model import save_model


@pytest.fixture
def run_id(client):
    return client.create_run(client.create_experiment("houses")).info.run_id


@pytest.fixture
def files(tmp_path, regressor):
    dataset, pipeline = regressor
    folder = tmp_path / "files"
    return folder, write_model(folder, pipeline, dataset.X)


def test_what_was_saved_already_is_not_saved_again(client, run_id, files):
    how = {"at": 1.0, "name": "a: b", "measured": [Measured("houses", "12", {"test_r2": 0.5})]}
    first = save_model(client, run_id, *files, **how)
    assert save_model(client, run_id, *files, **how, may_exist=True) == first
    (logged,) = client.search_logged_models([client.get_run(run_id).info.experiment_id])
    assert logged.status == "READY"
    assert [(one.key, one.value, one.timestamp) for one in logged.metrics] == [
        ("test_r2", 0.5, 1000)
    ]
    assert len(client.get_run(run_id).outputs.model_outputs) == 1
    assert save_model(client, run_id, *files, at=1.0, name="c", may_exist=True) != first


def test_one_that_was_saved_in_part_has_failed(client, run_id, files):
    experiment_id = client.get_run(run_id).info.experiment_id
    begun = client.create_logged_model(experiment_id, name="model", source_run_id=run_id)
    address = save_model(client, run_id, *files, at=1.0, may_exist=True)
    assert client.get_logged_model(begun.model_id).status == "FAILED"
    assert load_pipeline(address).steps[-1][0] == "model"


def test_the_writer_may_be_killed_meanwhile(client, regressor, kill_writer):
    dataset, pipeline = regressor
    with MLflowTracker(experiment="houses") as tracker:
        assert tracker.flush()
        tracker.log_model(pipeline, dataset.X, measured=[Measured("h", "1", {"r2": math.nan})])
        time.sleep(0.3)  # some way into it, or not yet
        kill_writer()
        address = tracker.kept_model()
    assert load_pipeline(address).predict(dataset.X).shape == dataset.y.shape
    logged = client.search_logged_models([tracker.experiment_id])
    assert [one.status for one in logged].count("READY") == 1
    assert {one.status for one in logged} <= {"READY", "FAILED"}


SEARCH = """
import os, signal, sys
import pandas as pd
from sklearn.dummy import DummyRegressor
from sklearn.pipeline import Pipeline
from pipelines.tracking import MLflowTracker

X = pd.DataFrame({"size": [1.0, 2.0]})
pipeline = Pipeline([("model", DummyRegressor())]).fit(X, [3.0, 4.0])
with MLflowTracker(experiment="digits") as tracker:
    tracker.log_model(pipeline, X)
"""
KILLED = SEARCH + "    os.kill(os.getpid(), signal.SIGKILL)"
ASKING = SEARCH + "    tracker.find_worths(), print(tracker.kept_model(), 'mlflow' in sys.modules)"


def in_new_process(code, run=subprocess.run, **how):
    root = Path(sys.modules["pipelines"].__file__).parents[1]
    return run([sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": str(root)}, **how)


@pytest.mark.slow
def test_a_search_need_not_import_mlflow(client):
    address, is_imported = in_new_process(ASKING, capture_output=True, text=True).stdout.split()
    assert load_pipeline(address).steps[0][0] == "model"
    assert is_imported == "False"


@pytest.mark.slow
def test_a_search_that_is_killed_keeps_its_model(client, tmp_path, forks):
    in_new_process(KILLED, forks.run)
    deadline = time.monotonic() + 60
    while (tmp_path / ".searches").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    experiment = client.get_experiment_by_name("digits")
    (run,) = client.search_runs([experiment.experiment_id])
    assert run.info.status == "KILLED"
    assert load_pipeline(run.info.run_id).steps[0][0] == "model"


def test_one_that_nobody_took_is_uploaded(client, regressor, monkeypatch, tmp_path, kill_writer):
    dataset, pipeline = regressor
    monkeypatch.setattr("pipelines.tracking.writer_process._RESTARTS", 0)
    tracker = MLflowTracker(experiment="houses").__enter__()
    assert tracker.flush()
    kill_writer()
    tracker.log_model(pipeline, dataset.X)
    assert tracker.kept_model() is None
    with pytest.warns(RuntimeWarning, match="writes are not there yet, but kept in"):
        tracker.__exit__(None, None, None)
    ((_, _, refused),) = upload_journals(tmp_path / ".searches")
    assert refused == []
    assert load_pipeline(tracker.run_id).predict(dataset.X).shape == dataset.y.shape
