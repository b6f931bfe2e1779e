from __future__ import annotations

import base64
from dataclasses import replace

import matplotlib.image
import numpy as np
import pandas as pd
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import Pipeline

from pipelines import load_dataset
from pipelines.data import Dataset
from pipelines.report import inspect_model, printed_metric
from pipelines.report.inspection_figures import (
    confusion_table,
    plot_calibration,
    plot_column_importances,
    plot_predictions,
    plot_residuals,
    plot_thresholds,
    png_address,
    residuals_info,
)

ACCURACY = printed_metric("accuracy")


@pytest.fixture(scope="module")
def line():
    """A straight line of one column beside one of no use, with one row that is far off it."""
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"useless": rng.normal(size=200), "useful": rng.normal(size=200)})
    y = pd.Series(2 * X["useful"], name="price")
    pipeline = Pipeline([("model", LinearRegression())]).fit(X, y)
    y = y.copy()
    y.iloc[17] += 5.0
    test = Dataset("line", X, y, "regression", "table", "here")
    return inspect_model(pipeline, test, printed_metric("r2"))


@pytest.fixture(scope="module")
def digits():
    development, test = load_dataset("digits").split()
    pipeline = Pipeline([("model", LinearDiscriminantAnalysis())])
    return inspect_model(pipeline.fit(development.X, development.y), test, ACCURACY), test


@pytest.fixture(scope="module")
def cancer():
    development, test = load_dataset("breast_cancer").split()
    pipeline = Pipeline([("model", LinearDiscriminantAnalysis())])
    return inspect_model(pipeline.fit(development.X, development.y), test, ACCURACY), test


class TestRegression:
    def test_importances_of_columns(self, line):
        assert [*line.importances] == ["useful", "useless"]
        assert line.importances["useful"].low > 1
        assert line.importances["useless"].mean == pytest.approx(0, abs=1e-6)

    def test_the_worst_row_comes_first(self, line):
        assert (line.wrong[0].label, line.wrong[0].detail) == ("17", "-5")
        assert [*line.wrong[0].values] == ["useful", "useless"]

    def test_figures(self, line):
        info = residuals_info(line)
        assert (len(info.actual), info.n_rows, info.target) == (200, 200, "price")
        assert plot_predictions(info).count("<circle") == 200
        assert "predicted minus actual" in plot_residuals(info)
        assert "R² lost" in plot_column_importances(line)

    def test_of_many_rows_the_worst_are_shown(self, line):
        actual = np.zeros(5000)
        predicted = np.zeros(5000)
        predicted[1234] = 9.0
        info = residuals_info(replace(line, actual=actual, predicted=predicted))
        assert len(info.actual) <= 520
        assert info.predicted.max() == 9.0


class TestClassification:
    def test_confusion(self, digits):
        inspection, test = digits
        assert inspection.confusion.sum() == len(test.y)
        right = (inspection.predicted == test.y.to_numpy()).sum()
        assert np.trace(inspection.confusion) == right
        assert inspection.classes == tuple("0123456789")
        table = confusion_table(inspection)
        assert table.count("<tr>") == 11
        assert table.count('class="right"') == 10

    def test_the_worst_rows_are_wrong_and_have_their_images(self, digits):
        inspection, test = digits
        assert inspection.wrong
        assert all(row.actual != row.predicted for row in inspection.wrong)
        probabilities = [float(row.detail.split()[0]) for row in inspection.wrong]
        assert probabilities == sorted(probabilities)
        worst = inspection.wrong[0]
        pixels = test.X.loc[int(worst.label)].to_numpy().reshape(8, 8) / 16
        assert np.array_equal(worst.pixels, pixels)

    def test_pixels_have_no_importances(self, digits):
        assert digits[0].importances == {}
        assert digits[0].why_no_importances.startswith("A pixel alone says little")

    def test_thresholds_of_two_classes_only(self, digits, cancer):
        assert digits[0].thresholds is None
        thresholds = cancer[0].thresholds
        assert thresholds.recall[0] == 1
        assert "precision" in plot_thresholds(thresholds)

    def test_calibration_by_hand(self):
        """Always 75 % sure, right in 3 of 4 rows: no error."""
        X = pd.DataFrame({"x": np.arange(40.0)})
        y = pd.Series(["a", "a", "a", "b"] * 10, name="y")
        test = Dataset("few", X, y, "classification", "table", "here")
        pipeline = Pipeline([("model", DummyClassifier(strategy="prior"))]).fit(X, y)
        inspection = inspect_model(pipeline, test, ACCURACY)
        assert inspection.calibration.error == pytest.approx(0)
        assert inspection.calibration.predicted.tolist() == [0.75]
        assert inspection.calibration.counts.tolist() == [40]
        assert "40 rows predicted with 75 %: 75 % right" in plot_calibration(inspection.calibration)
        assert inspection.importances["x"].mean == 0

    def test_a_class_that_was_never_trained_on(self):
        X = pd.DataFrame({"x": np.arange(9.0)})
        y = pd.Series(["a", "b", "c"] * 3, name="y")
        known = y != "c"
        pipeline = Pipeline([("model", LogisticRegression())]).fit(X[known], y[known])
        test = Dataset("few", X, y, "classification", "table", "here")
        inspection = inspect_model(pipeline, test, ACCURACY)
        assert inspection.classes == ("a", "b", "c")
        assert inspection.confusion[2].sum() == 3
        assert inspection.wrong[0].detail == "0 %"


def test_png(tmp_path):
    pixels = np.array([[0.0, 1.0, 0.5], [1.0, 0.0, 0.0]])
    address = png_address(pixels)
    (tmp_path / "image.png").write_bytes(base64.b64decode(address.split(",")[1]))
    read = matplotlib.image.imread(tmp_path / "image.png")
    assert read.shape[:2] == (2, 3)
    grey = read if read.ndim == 2 else read[..., 0]
    assert grey == pytest.approx(1 - pixels, abs=0.003)
