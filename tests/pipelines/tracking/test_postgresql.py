"""MLflow's server with its records in PostgreSQL."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from mlflow import MlflowClient

from pipelines.tracking import MLflowTracker

pytestmark = pytest.mark.slow


def test_two_searches_at_once_on_one_server(
    new_database, run_server, tmp_path, make_candidate, make_evaluation
):
    def search(experiment):
        journals = tmp_path / experiment
        with MLflowTracker(
            experiment="shared", tracking_uri=address, run_name=experiment, journals=journals
        ) as tracker:
            for number in range(8):
                candidate = make_candidate(number)
                tracker.on_candidate_begin(candidate)
                tracker.on_candidate_end(make_evaluation(candidate))
            tracker.log_text(experiment, "name.txt")

    arguments = ["server", "--workers", "1", "--backend-store-uri", new_database()]
    arguments += ["--artifacts-destination", str(tmp_path / "artifacts")]
    quiet = {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    with run_server(arguments, tmp_path, "/health", **quiet) as (address, _):
        threads = [threading.Thread(target=search, args=(name,)) for name in ("one", "other")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        client = MlflowClient(tracking_uri=address)
        experiment = client.get_experiment_by_name("shared")
        runs = client.search_runs([experiment.experiment_id])
        parents = {
            run.info.run_id: run for run in runs if "mlflow.parentRunId" not in run.data.tags
        }
        assert {run.info.run_name for run in parents.values()} == {"one", "other"}
        assert {run.info.status for run in runs} == {"FINISHED"}
        for run_id, parent in parents.items():
            children = [r for r in runs if r.data.tags.get("mlflow.parentRunId") == run_id]
            assert sorted(r.data.tags["candidate"] for r in children) == [str(n) for n in range(8)]
            copy = client.download_artifacts(run_id, "name.txt", str(tmp_path))
            assert Path(copy).read_text() == parent.info.run_name
