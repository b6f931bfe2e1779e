"""Two workers share a study in PostgreSQL, beside an MLflow server on it; one is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import optuna
import pytest
from mlflow import MlflowClient

from pipelines.optuna_search.storages import open_storage

ROOT = Path(__file__).parents[3]
N_TRIALS = 12
SPACE = """
hidden_layer_sizes: [[4], [8]]
learning_rate: [0.001, 0.003, 0.01]
batch_size: 8
epochs: 60
"""

pytestmark = pytest.mark.slow


@pytest.fixture
def start(bare_folder, tmp_path, forks):
    """A function that starts a worker in a folder of its own."""
    (tmp_path / "space.yaml").write_text(SPACE)
    workers = []

    def begin(name, address, storage):
        folder = tmp_path / name
        folder.mkdir()
        options = ["--dataset=iris", f"--space={tmp_path / 'space.yaml'}", "--pruner=none"]
        options += ["--preset=plain", "--baselines=none", "--ensemble=1"]
        options += [f"--n-trials={N_TRIALS}", f"--storage={storage}", "--study-name=shared"]
        environment = {"PYTHONPATH": str(ROOT), "MLFLOW_TRACKING_URI": address}
        worker = forks.start(
            [sys.executable, "-m", "pipelines", "optuna", *options],
            cwd=folder,
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        workers.append(worker)
        return worker

    yield begin
    for worker in workers:
        if worker.poll() is None:
            os.killpg(worker.pid, signal.SIGKILL)
        worker.communicate()


def test_one_is_killed_and_the_other_finishes(start, run_server, new_database, tmp_path):
    arguments = ["server", "--workers", "1", "--backend-store-uri", new_database()]
    arguments += ["--artifacts-destination", str(tmp_path / "artifacts")]
    quiet = {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    storage = new_database()
    with run_server(arguments, tmp_path, "/health", **quiet) as (address, _):
        doomed = start("doomed", address, storage)
        seen = ""
        # Its first trial has ended, so that another is under way.
        while f"/{N_TRIALS} " not in seen:
            seen = doomed.stdout.readline()
            assert seen, "it ended"
        survivor = start("survivor", address, storage)
        time.sleep(0.5)
        os.killpg(doomed.pid, signal.SIGKILL)
        doomed.wait()
        out, _ = survivor.communicate(timeout=240)
        assert survivor.returncode == 0, out
        assert "Take #" in out

        study = optuna.load_study(study_name="shared", storage=open_storage(storage))
        states = [trial.state.name for trial in study.trials]
        assert states.count("COMPLETE") == N_TRIALS - 1  # the preset is none of the space's
        assert "RUNNING" not in states
        pids = {trial.user_attrs["worker"]["pid"] for trial in study.trials}
        assert pids == {doomed.pid, survivor.pid}

        client = MlflowClient(tracking_uri=address)
        experiment = client.get_experiment_by_name("optuna").experiment_id
        parents = {
            run.info.run_id: run.info.status
            for run in client.search_runs([experiment])
            if "mlflow.parentRunId" not in run.data.tags
        }
        assert sorted(parents.values()) == ["FINISHED", "KILLED"]
        (finished,) = (run_id for run_id, status in parents.items() if status == "FINISHED")
        children = client.search_runs([experiment], f"tags.`mlflow.parentRunId` = '{finished}'")
        assert len(children) == N_TRIALS  # those of the other worker too
