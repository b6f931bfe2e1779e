"""The environment of a run."""

import os

from pipelines.tracking.environment import take_active_run


def test_the_run_of_mlflow_run_is_taken_once(monkeypatch):
    monkeypatch.setenv("MLFLOW_RUN_ID", "a")
    monkeypatch.setenv("MLFLOW_EXPERIMENT_ID", "b")
    assert take_active_run() == {"run_id": "a", "experiment_id": "b"}
    assert take_active_run() == {"run_id": None, "experiment_id": None}
    assert not {"MLFLOW_RUN_ID", "MLFLOW_EXPERIMENT_ID"} & set(os.environ)
