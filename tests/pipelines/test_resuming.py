"""A search that is killed again and again ends as if nothing had happened."""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
from mlflow import MlflowClient

ROOT = Path(__file__).parents[2]
GRID = """
fixed: {hidden_layer_sizes: [[8]], epochs: 40}
grids:
  - {activation: [relu, tanh], learning_rate: [0.001, 0.003, 0.01, 0.03]}
"""
SPACE = """
activation: [relu, tanh]
hidden_layer_sizes: [[4], [8]]
learning_rate: {low: 0.001, high: 0.1, log: true}
epochs: 40
"""

# What is searched.
BARE = ["--baselines=none", "--ensemble=1"]
SEARCHES = {
    "grid": ["--grid=grid.yaml", "--presets=", "--folds=2", *BARE],
    "optuna": ["--space=space.yaml", "--preset=plain", "--n-trials=12", "--folds=2", *BARE],
    "techniques": [
        *("--rows=zeros,selu", "--repeats=3", "--epochs=60", "--claims=false", "--test-size=0.3")
    ],
}
N_CONFIGURATIONS = 8
N_KILLS = 3
CLOCK = re.compile("second|time")


@pytest.fixture
def folder(bare_folder, fresh_database):
    (bare_folder / "grid.yaml").write_text(GRID)
    (bare_folder / "space.yaml").write_text(SPACE)
    shutil.copy(fresh_database, bare_folder / "mlflow.db")
    return bare_folder


@pytest.fixture
def start(forks):
    """A function that starts a search in a process of its own.

    One that is killed has its writer started as ever, so that this may be still to import MLflow.
    """

    def begin(folder, search, *options, forks_writer=True):
        command = ["-m", "pipelines", search, "--dataset=iris", *SEARCHES[search], *options]
        return forks.start(
            [sys.executable, *command],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), "MLFLOW_TRACKING_URI": ""},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            forks_writer=forks_writer,
        )

    return begin


def finish(process):
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    return out


def writers_of(folder):
    """Process ids of the writers whose working directory is a folder."""
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
            if b"pipelines.tracking.writer" in words and (entry / "cwd").resolve() == folder:
                yield int(entry.name)
        except OSError:
            continue


def results_of(client, experiment):
    """The results table of the newest search, without what is measured by the clock."""
    experiment_id = client.get_experiment_by_name(experiment).experiment_id
    parents = [
        run
        for run in client.search_runs([experiment_id], order_by=["attributes.start_time DESC"])
        if "mlflow.parentRunId" not in run.data.tags
    ]
    assert parents[0].info.status == "FINISHED"
    table = pd.read_csv(client.download_artifacts(parents[0].info.run_id, "results.csv"))
    return parents, table[[name for name in table if not CLOCK.search(name)]]


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc").exists(), reason="finds the writer's process in /proc")
@pytest.mark.parametrize("search", SEARCHES)
def test_killed_at_random_moments_the_tables_are_equal(search, start, folder, tmp_path_factory):
    calm = tmp_path_factory.mktemp("calm")
    for name in ("mlflow.db", "grid.yaml", "space.yaml"):
        shutil.copy(folder / name, calm)
    finish(start(calm, search))
    _, expected = results_of(MlflowClient(f"sqlite:///{calm / 'mlflow.db'}"), search)

    client = MlflowClient(f"sqlite:///{folder / 'mlflow.db'}")
    moments = random.Random(search)
    n_killed = 0
    for attempt in range(N_KILLS):
        process = start(folder, search, "--resume=true", forks_writer=False)
        if attempt == 0:
            time.sleep(moments.uniform(0, 2))  # while it starts
        else:
            process.stderr.readline()  # something has been evaluated
            time.sleep(moments.uniform(0, 0.4))
        if attempt == 1:
            for number in writers_of(folder):
                os.kill(number, signal.SIGKILL)
        n_killed += process.poll() is None
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    assert n_killed >= 2

    finish(start(folder, search, "--resume=true"))
    parents, table = results_of(client, search)
    pd.testing.assert_frame_equal(table, expected)
    runs = client.search_runs([parents[0].info.experiment_id], max_results=1000)
    assert {run.info.status for run in runs} <= {"FINISHED", "KILLED"}
    assert not (folder / ".searches").exists()  # what writers had no time for was delivered
    if search == "grid":
        evaluated = [
            run.data.tags["fingerprint"]
            for run in runs
            if "fingerprint" in run.data.tags and "resumed" not in run.data.tags
        ]
        assert len(set(evaluated)) == N_CONFIGURATIONS
        assert len(evaluated) < 2 * N_CONFIGURATIONS  # without resuming: up to 4 times as many
