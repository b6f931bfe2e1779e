"""What of a fitted pipeline goes into a journal."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.pipeline import Pipeline

from pipelines.input_statistics import input_statistics
from pipelines.tracking.model_files import example_of, predictions_of, write_model

COLUMNS = {
    "uint8": pd.Series([1, 2], dtype="uint8"),
    "Int64": pd.Series([1, None], dtype="Int64"),
    "float": [1.1, np.nan],
    "float32": pd.Series([1 / 3, 2], dtype="float32"),
    "text": ["a", None],
    "mixed": pd.Series(["a", 1], dtype=object),
    "boolean": pd.Series([True, None], dtype="boolean"),
    "bool": [True, False],
    "category": pd.Series(["low", "high"], dtype="category"),
    "when": pd.to_datetime(["2024-02-29 12:30:00.000001", None]),
    "where and when": pd.to_datetime(["2024-02-29 12:30+02:00"] * 2),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_rows_of_every_type_come_back(tmp_path, name):
    X = pd.DataFrame({"first": [0.5, 1.5], name: COLUMNS[name]})
    pipeline = Pipeline([("model", DummyClassifier())]).fit(X, ["no", "yes"])
    description = json.loads(json.dumps(write_model(tmp_path / "model", pipeline, X)))
    complete_first = pd.concat([X.dropna(), X]).head(5).reset_index(drop=True)
    pd.testing.assert_frame_equal(example_of(description), complete_first, check_categorical=False)


@pytest.mark.parametrize(
    "labels", [["no", "yes"], [3, 5], [True, False], np.array(["no", "yes"], dtype=object)]
)
def test_predictions_come_back(tmp_path, labels):
    X = pd.DataFrame({"first": [0.5, 1.5]})
    pipeline = Pipeline([("model", DummyClassifier())]).fit(X, labels)
    description = json.loads(json.dumps(write_model(tmp_path / "model", pipeline, X)))
    found = predictions_of(description)
    expected = pipeline.predict(pd.concat([X, X]))
    np.testing.assert_array_equal(found, expected)
    assert found.dtype == expected.dtype
    assert description["model_type"] == "classifier"


def test_the_files_are_the_pipeline_and_the_statistics(tmp_path, regressor):
    dataset, pipeline = regressor
    write_model(tmp_path / "bare", pipeline, dataset.X)
    assert [path.name for path in (tmp_path / "bare").iterdir()] == ["pipeline.skops"]
    description = write_model(tmp_path / "whole", pipeline, dataset.X, input_statistics(dataset))
    assert {path.name for path in (tmp_path / "whole").iterdir()} == {
        "pipeline.skops",
        "input_statistics.json",
    }
    assert description["model_type"] == "regressor"
