"""The command ``export`` as its user meets it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import keras
import numpy as np
import pytest
from mlflow import MlflowClient

from pipelines import load_dataset, make_pipeline
from pipelines.tracking import load_pipeline, log_pipeline


@pytest.fixture(autouse=True)
def folder(bare_folder, fresh_database, monkeypatch):
    shutil.copy(fresh_database, bare_folder / "mlflow.db")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{bare_folder / 'mlflow.db'}")
    return bare_folder


@pytest.fixture
def run_id(folder):
    dataset = load_dataset("iris")
    settings = {"activation": "leaky_relu", "dropout": 0.1, "epochs": 1, "random_state": 0}
    pipeline = make_pipeline(dataset, preset="plain", **settings).fit(dataset.X, dataset.y)
    client = MlflowClient(tracking_uri=os.environ["MLFLOW_TRACKING_URI"])
    run_id = client.create_run(client.create_experiment("iris")).info.run_id
    log_pipeline(client, run_id, pipeline, dataset.X)
    return run_id


@pytest.fixture
def run(run_command):
    return lambda *arguments: run_command("export", *arguments)


@pytest.mark.parametrize("output", ["", "out/iris.onnx"])
def test_onnx(run, run_id, output):
    onnxruntime = pytest.importorskip("onnxruntime", reason="the extra onnx is not installed")
    pytest.importorskip("tf2onnx", reason="the extra onnx is not installed")
    code, out, _ = run(f"--model={run_id}", f"--output={output}")
    path = output or "model.onnx"
    assert (code, out.splitlines()[-1]) == (
        0,
        f"Wrote the pipeline to {path}: an input for each column, and label and probabilities as "
        "output.",
    )
    X = load_dataset("iris").X
    session = onnxruntime.InferenceSession(path)
    _, probabilities = session.run(None, {name: X[[name]].to_numpy() for name in X})
    expected = load_pipeline(run_id).predict_proba(X)
    np.testing.assert_allclose(probabilities, expected, atol=1e-6)


def test_keras(run, run_id):
    code, out, _ = run(f"--model=runs:/{run_id}/model", "--format=keras")
    assert code == 0
    assert out.startswith("Wrote the network to model.keras: its input is the 4 numbers of a row")
    X, pipeline = load_dataset("iris").X, load_pipeline(run_id)
    network = keras.saving.load_model("model.keras")
    assert {type(layer).__module__.split(".")[0] for layer in network.layers} == {"keras"}
    probabilities = network.predict(pipeline[:-1].transform(X), verbose=0)
    np.testing.assert_allclose(probabilities, pipeline.predict_proba(X), atol=1e-6)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "An export needs model; give it, as in model=..."),
        (["--model=x", "--format=pmml"], "pmml"),
        (["--model=x", "--format=keras", "--output=x.onnx"], "let it end in one of .keras"),
        (["--model=nothing", "--format=keras"], "There is no run or model 'nothing'"),
    ],
    ids=["model", "format", "suffix", "unknown"],
)
def test_what_cannot_be_is_said(run, options, message):
    code, _, err = run(*options)
    assert code != 0
    assert message in err
    assert "Traceback" not in err
    assert not list(Path().glob("model.*"))
