"""The commands on sequences, as their user meets them: searched, then predicted."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from mlflow import MlflowClient

N_SEQUENCES = 40
COLUMNS = ["--sequence-id=id", "--sequence-time=step"]


@pytest.fixture
def folder(bare_folder, fresh_database, monkeypatch):
    shutil.copy(fresh_database, bare_folder / "mlflow.db")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{bare_folder / 'mlflow.db'}")
    generator = np.random.default_rng(0)
    rows = [
        (number, step, generator.normal(number % 2), ("low", "high")[number % 2])
        for number in range(N_SEQUENCES)
        for step in range(3 + number % 3)
    ]
    table = pd.DataFrame(rows, columns=["id", "step", "x", "y"]).sample(frac=1, random_state=0)
    table.to_csv("long.csv", index=False)
    table.drop(columns="y").to_csv("new.csv", index=False)
    Path("small.yaml").write_text(
        "fixed: {hidden_layer_sizes: [[2]], epochs: 1}\ngrids: [{cell: [gru, simple]}]"
    )
    return bare_folder


def test_a_grid_and_a_prediction(folder, run_command):
    code, out, err = run_command(
        "grid",
        "--dataset=long.csv",
        "--target=y",
        *COLUMNS,
        "--grid=small.yaml",
        "--presets=",
        "--folds=2",
        "--baselines=none",
    )
    assert code == 0, err
    assert "Take " in out
    client = MlflowClient(tracking_uri=f"sqlite:///{folder / 'mlflow.db'}")
    (experiment,) = client.search_experiments(filter_string="name = 'grid'")
    (parent,) = [
        run
        for run in client.search_runs([experiment.experiment_id])
        if "mlflow.parentRunId" not in run.data.tags
    ]
    assert parent.data.params["search.n_rows"] == "32"
    page = Path(client.download_artifacts(parent.info.run_id, "search.html")).read_text("utf-8")
    assert "-P sequence_id=id -P sequence_time=step" in page
    assert "Which channels does it need?" in page

    code, out, err = run_command(
        "predict", f"--model={parent.info.run_id}", "--dataset=new.csv", *COLUMNS
    )
    assert (code, out) == (0, "Wrote 40 predictions to predictions.csv.\n"), err
    predictions = pd.read_csv("predictions.csv")
    assert predictions.columns.tolist() == [
        "id",
        "prediction",
        "probability_high",
        "probability_low",
    ]
    assert sorted(predictions["id"]) == list(range(N_SEQUENCES))


def test_bad_input_is_one_sentence(folder, run_command):
    code, out, err = run_command("grid", "--dataset=long.csv", "--target=y", "--sequence-time=step")
    assert (code, out) == (2, "")
    assert "sequence_id tells apart: name that column too" in err
    assert len(err.splitlines()) == 1
