"""Two first searches in a fresh folder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from mlflow import MlflowClient

ROOT = Path(__file__).parents[3]
GRID = "activation: [relu, selu]\nhidden_layer_sizes: [[4]]\nepochs: [2]\n"


@pytest.mark.slow
def test_two_first_searches_at_the_same_time(folder, forks):
    (folder / "grid.yaml").write_text(GRID)
    searches = [
        forks.start(
            [
                *(sys.executable, "-m", "pipelines", "grid"),
                *("--dataset=iris", "--grid=grid.yaml", "--presets=", "--baselines=none"),
            ],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    errors = [search.communicate(timeout=300)[1] for search in searches]
    assert [search.returncode for search in searches] == [0, 0], errors
    client = MlflowClient(f"sqlite:///{folder / 'mlflow.db'}")
    experiment = client.get_experiment_by_name("grid")
    runs = client.search_runs([experiment.experiment_id])
    assert sorted("mlflow.parentRunId" in run.data.tags for run in runs) == [False] * 2 + [True] * 4
    assert {run.info.status for run in runs} == {"FINISHED"}
