"""The commands on sequences, as their user meets them: searched, then predicted."""

from __future__ import annotations

import re
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


@pytest.fixture
def by_step(folder):
    """Two answers in each step: the sum of the steps so far, and its sign."""
    generator = np.random.default_rng(0)
    tables = [
        pd.DataFrame({"id": number, "step": np.arange(n), "x": generator.normal(size=n)})
        for number, n in enumerate(generator.integers(3, 7, N_SEQUENCES))
    ]
    table = pd.concat(tables, ignore_index=True)
    table["sum"] = table.groupby("id")["x"].cumsum()
    table["sign"] = np.where(table["sum"] > 0, "plus", "minus")
    table.to_csv("long.csv", index=False)
    table[["id", "step", "x"]].sample(frac=1, random_state=0).to_csv("new.csv", index=False)
    return folder


def last_page(folder, name):
    """Id of the run of the last search of a name, and its page."""
    client = MlflowClient(tracking_uri=f"sqlite:///{folder / 'mlflow.db'}")
    experiments = [one.experiment_id for one in client.search_experiments()]
    run, *_ = client.search_runs(experiments, f"run_name = '{name}'")
    run_id = run.info.run_id
    return run_id, Path(client.download_artifacts(run_id, "search.html")).read_text("utf-8")


@pytest.mark.parametrize(("target", "other"), [("sign", "sum"), ("sum", "sign")])
def test_a_grid_and_a_prediction_of_each_step(by_step, run_command, target, other):
    options = ["--grid=small.yaml", "--presets=", "--folds=2", "--ensemble=2"]
    code, out, err = run_command(
        "grid", "--dataset=long.csv", f"--target={target}", f"--drop={other}", *COLUMNS, *options
    )
    assert code == 0, err
    assert re.search(f"the target '{target}' differs within [0-9]+ of 40 sequences, so that", err)
    assert "Against a linear model of single steps" in out
    run_id, page = last_page(by_step, "long grid")
    held_out = pd.read_csv("long.csv")["id"].nunique() - 32
    assert f"steps of the {held_out} held-out sequences" in page
    assert "Each step has an answer and counts the same below" in page
    assert ("Confusion matrix" in page) == (target == "sign")
    assert ("Residuals" in page) == (target == "sum")
    assert "<th>step</th>" in page

    code, out, err = run_command("predict", f"--model={run_id}", "--dataset=new.csv", *COLUMNS)
    new = pd.read_csv("new.csv")
    assert (code, out) == (0, f"Wrote {len(new)} predictions to predictions.csv.\n"), err
    predictions = pd.read_csv("predictions.csv")
    pd.testing.assert_frame_equal(predictions[["id", "step"]], new[["id", "step"]])
    assert predictions["prediction"].notna().all()
    if target == "sign":
        assert predictions.columns[3:].tolist() == ["probability_minus", "probability_plus"]


def test_a_study_of_each_step(by_step, run_command):
    Path("space.yaml").write_text(
        "{hidden_layer_sizes: [[2]], epochs: 1, cell: [gru, simple], learning_rate: [0.001, 0.01]}"
    )
    code, out, err = run_command(
        "optuna",
        "--dataset=long.csv",
        "--target=sign",
        "--drop=sum",
        *COLUMNS,
        "--space=space.yaml",
        "--n-trials=3",
        "--folds=2",
        "--ensemble=1",
        "--baselines=none",
    )
    assert code == 0, err
    assert "Take #" in out
    _, page = last_page(by_step, "long optuna")
    assert "The steps that it gets most wrong" in page


@pytest.mark.parametrize("command", [["techniques"], ["transfer", "--source=some"]])
def test_what_compares_one_answer_a_sequence_says_so(by_step, run_command, command):
    code, out, err = run_command(
        *command, "--dataset=long.csv", "--target=sign", "--drop=sum", *COLUMNS
    )
    assert (code, out) == (2, "")
    assert "'sign' differs within the sequences of long.csv, and this command compares" in err
    assert len(err.splitlines()) == 1


def test_bad_input_is_one_sentence(folder, run_command):
    code, out, err = run_command("grid", "--dataset=long.csv", "--target=y", "--sequence-time=step")
    assert (code, out) == (2, "")
    assert "sequence_id tells apart: name that column too" in err
    assert len(err.splitlines()) == 1
