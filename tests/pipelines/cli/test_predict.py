"""The command ``predict`` as its user meets it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from mlflow import MlflowClient
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline

from pipelines import Dataset
from pipelines.input_statistics import input_statistics
from pipelines.preprocessing import make_preprocessor
from pipelines.tracking import log_pipeline


@pytest.fixture(autouse=True)
def folder(bare_folder, fresh_database, monkeypatch):
    shutil.copy(fresh_database, bare_folder / "mlflow.db")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{bare_folder / 'mlflow.db'}")
    return bare_folder


@pytest.fixture
def rows():
    rng = np.random.default_rng(0)
    return pd.DataFrame({"age": rng.normal(40, 10, 200), "town": rng.choice(["A", "B"], 200)})


@pytest.fixture
def run_id(folder, rows):
    y = pd.Series(np.where(rows["age"] > 40, "yes", "no"), name="y")
    dataset = Dataset("people", rows, y, "classification", "table", "a test")
    steps = [("preprocessing", make_preprocessor(dataset)), ("model", LogisticRegression())]
    client = MlflowClient(tracking_uri=os.environ["MLFLOW_TRACKING_URI"])
    run_id = client.create_run(client.create_experiment("people")).info.run_id
    log_pipeline(client, run_id, Pipeline(steps).fit(rows, y), rows, input_statistics(dataset))
    return run_id


@pytest.fixture
def run(run_command):
    return lambda *arguments: run_command("predict", *arguments)


def test_a_file_is_predicted_and_its_drift_told(run, run_id, rows):
    rows.assign(age=rows["age"] + 30, id=range(200)).to_csv("new.csv", index=False)
    options = ["--dataset=new.csv", "--keep=id", "--drift=drift.html"]
    code, out, err = run(f"--model=runs:/{run_id}/model", *options)
    assert (code, out) == (0, "Wrote 200 predictions to predictions.csv.\n")
    (line,) = [line for line in err.splitlines() if line.startswith("Drift: ")]
    assert line.startswith(
        "Drift: Against the 200 rows trained on, the distribution has shifted (population stability "
        "index above 0.25) in 'age' ("
    )
    predictions = pd.read_csv("predictions.csv")
    assert list(predictions) == ["id", "prediction", "probability_no", "probability_yes"]
    assert (predictions["prediction"] == "yes").mean() > 0.9
    assert "<td>age</td>" in Path("drift.html").read_text("utf-8")


def test_rows_as_in_training_have_no_drift(run, run_id, rows):
    rows.to_parquet("new.parquet")
    code, _, err = run(f"--model={run_id}", "--dataset=new.parquet", "--output=p.parquet")
    assert code == 0
    assert "Drift" not in err
    assert len(pd.read_parquet("p.parquet")) == 200


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "A prediction needs model; give it, as in model=..."),
        (["--model=x"], "A prediction needs dataset; give it, as in dataset=..."),
        (["--model=x", "--dataset=no.csv"], "There is no file no.csv; check the path"),
        (
            ["--model=x", "--dataset=https://example.org/new.csv"],
            "https://example.org/new.csv is an address, but a data set is read from a file",
        ),
        (
            ["--model=x", "--dataset=new.csv", "--output=a.xls"],
            "The format of a.xls cannot be told",
        ),
        (["--model=x", "--dataset=new.csv", "--interval=90"], "above 0 and below 1, but it is 90."),
        (["--model=x", "--dataset=new.csv", "--drift=a.pdf"], "let it end in one of .html, .csv."),
        (["--model=x", "--dataset=new.csv"], "There is no run or model 'x' at sqlite"),
    ],
)
def test_what_is_wrong_is_one_sentence(run, rows, options, message):
    rows.to_csv("new.csv", index=False)
    code, out, err = run(*options)
    assert (code, out) == (2, "")
    assert err.startswith("Error: ")
    assert message in err
    assert err.count("\n") == 1
