"""Files of other formats."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from estimators import KerasRNNRegressor
from pipelines import InputError, load_dataset, make_pipeline
from pipelines.export import check_export, export_model


@pytest.fixture(scope="module")
def iris():
    dataset = load_dataset("iris")
    pipeline = make_pipeline(dataset, preset="plain", activation="mish", epochs=2, random_state=0)
    return dataset, pipeline.fit(dataset.X, dataset.y)


def test_onnx(iris, tmp_path):
    onnxruntime = pytest.importorskip("onnxruntime", reason="the extra onnx is not installed")
    dataset, pipeline = iris
    path = tmp_path / "new" / "iris.onnx"
    told = export_model(pipeline, path)
    assert told == (
        f"Wrote the pipeline to {path}: an input for each column, and label and probabilities as "
        "output."
    )
    session = onnxruntime.InferenceSession(path)
    inputs = {name: column.to_numpy()[:, None] for name, column in dataset.X.items()}
    _, probabilities = session.run(None, inputs)
    np.testing.assert_allclose(probabilities, pipeline.predict_proba(dataset.X), atol=1e-6)


def test_keras(iris, tmp_path):
    dataset, pipeline = iris
    path = tmp_path / "iris.keras"
    told = export_model(pipeline, path, "keras")
    assert told.startswith(f"Wrote the network to {path}: its input is the 4 numbers of a row")
    network = keras.saving.load_model(path)
    probabilities = network.predict(pipeline[:-1].transform(dataset.X), verbose=0)
    np.testing.assert_allclose(probabilities, pipeline.predict_proba(dataset.X), atol=1e-6)


@pytest.mark.parametrize("format", ["onnx", "keras"])
def test_what_is_no_network(tmp_path, format):
    if format == "onnx":
        pytest.importorskip("tf2onnx", reason="the extra onnx is not installed")
    model = LogisticRegression().fit([[0.0], [1.0]], [0, 1])
    with pytest.raises(InputError, match="A LogisticRegression is no network of this project"):
        export_model(model, tmp_path / f"model.{format}", format)


def test_what_keras_lacks(tmp_path):
    X = np.random.default_rng(0).normal(size=(9, 4, 2))
    model = KerasRNNRegressor((3,), layer_norm=True, epochs=1).fit(X, np.arange(9.0))
    with pytest.raises(InputError, match="is a Recurrent, which Keras has no layer of its own for"):
        export_model(model, tmp_path / "model.keras", "keras")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "format", "message"),
    [
        ("model.onnx", "pickle", "There is no format 'pickle'|format"),
        ("model.onnx", "keras", "let it end in one of .keras"),
        ("model.keras", "onnx", "let it end in one of .onnx"),
    ],
)
def test_what_could_not_be_written_is_refused(tmp_path, name, format, message):
    with pytest.raises(InputError, match=message):
        check_export(tmp_path / name, format)


def test_a_missing_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr("pipelines.errors.find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"format=onnx needs onnx, .* 'mlp-techniques\[onnx\]'"):
        check_export(tmp_path / "model.onnx", "onnx")
