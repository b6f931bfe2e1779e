from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import Pipeline

from pipelines import calibrate_intervals, load_dataset, make_pipeline, predict_intervals
from pipelines.intervals import half_width
from pipelines.tracking.pipeline_file import dump_pipeline, read_pipeline


def table(n_rows, seed=0):
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(rng.normal(size=(n_rows, 2)), columns=["a", "b"])
    return X, X["a"] - X["b"] + rng.standard_t(3, n_rows)


@pytest.fixture
def model():
    return Pipeline([("model", LinearRegression())]).fit(*table(50))


@pytest.mark.parametrize(
    ("coverage", "width"), [(0.5, 5), (0.51, 6), (0.9, 9), (0.07, 1), (0.91, None)]
)
def test_the_rank_by_hand(coverage, width):
    assert half_width(SimpleNamespace(held_out_errors_=np.arange(1.0, 10)), coverage) == width


def test_shares_that_binary_numbers_miss_do_not_take_the_next_rank():
    errors = np.arange(1.0, 100)  # 100 * 0.07 is a little more than 7
    assert half_width(SimpleNamespace(held_out_errors_=errors), 0.07) == 7


def test_errors_are_of_the_rows_given(model):
    X, y = table(20, seed=1)
    calibrate_intervals(model, X, y)
    expected = np.sort(np.abs(y - model.predict(X)))
    np.testing.assert_allclose(model.held_out_errors_, expected)
    low, high = predict_intervals(model, X, 0.9).T
    np.testing.assert_allclose(high - low, 2 * expected[18])  # ceil(21 * 0.9) is 19
    np.testing.assert_allclose((low + high) / 2, model.predict(X))


def test_new_rows_lie_within_as_often_as_is_said(model):
    """The expected share is 37 of 41, in the mean over tables of 40 rows held out."""
    shares = []
    for seed in range(1, 301):
        calibrate_intervals(model, *table(40, seed))
        X, y = table(200, seed + 1000)
        low, high = predict_intervals(model, X, 0.9).T
        shares.append(np.mean((low <= y) & (y <= high)))
    assert np.mean(shares) == pytest.approx(37 / 41, abs=0.01)


@pytest.mark.parametrize("coverage", [0.05, 0.5, 0.9, 0.99])
def test_of_many_rows_a_thousand_errors_are_kept_none_too_narrow(model, coverage):
    X, y = table(7919, seed=1)
    calibrate_intervals(model, X, y)
    assert len(model.held_out_errors_) == 1000
    errors = np.sort(np.abs(y - model.predict(X))).tolist()
    rank = errors.index(half_width(model, coverage)) + 1
    exact = np.ceil(7920 * coverage)
    assert exact <= rank <= exact + 9


def test_what_has_no_intervals():
    X, y = table(50)
    classifier = Pipeline([("model", LogisticRegression())]).fit(X, y > 0)
    of_two = Pipeline([("model", LinearRegression())]).fit(X, np.column_stack([y, y]))
    for model, target in ((classifier, y > 0), (of_two, np.column_stack([y, y]))):
        calibrate_intervals(model, X, target)
        assert predict_intervals(model, X) is None


def test_they_are_saved_with_the_pipeline_and_not_cloned(tmp_path):
    data, test = load_dataset("diabetes").split()
    pipeline = make_pipeline(data, preset="plain", epochs=1, random_state=0).fit(data.X, data.y)
    assert predict_intervals(pipeline, test.X) is None
    calibrate_intervals(pipeline, test.X, test.y)
    dump_pipeline(pipeline, tmp_path / "a.skops")
    loaded = read_pipeline(tmp_path / "a.skops")
    np.testing.assert_array_equal(
        predict_intervals(loaded, test.X), predict_intervals(pipeline, test.X)
    )
    assert predict_intervals(clone(pipeline).fit(data.X, data.y), test.X) is None
