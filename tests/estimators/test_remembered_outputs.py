from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from estimators import KerasMLPClassifier
from estimators.remembered_outputs import outputs_for, remembered_outputs

X = np.arange(6, dtype="float32").reshape(3, 2)


@pytest.fixture
def calculate():
    """Outputs of a network that is a factor; ``calculate.rows`` are those it was asked for."""

    def outputs(factor, rows):
        outputs.rows.append(rows.tolist())
        return factor * rows[:, :1]

    outputs.rows = []
    return outputs


def test_same_rows_are_calculated_once(calculate):
    with remembered_outputs():
        for rows in (X, X, X.copy()):
            np.testing.assert_array_equal(outputs_for(2.0, rows, calculate), [[0], [4], [8]])
    assert calculate.rows == [X.tolist()]


def test_nothing_is_remembered_outside(calculate):
    with remembered_outputs():
        outputs_for(2.0, X, calculate)
    outputs_for(2.0, X, calculate)
    outputs_for(2.0, X, calculate)
    with remembered_outputs():
        outputs_for(2.0, X, calculate)
    assert len(calculate.rows) == 4


@pytest.mark.parametrize("other", [X + 1, X[:2], -0.0 * X], ids=["values", "fewer", "sign of 0"])
def test_other_rows_are_others(calculate, other):
    with remembered_outputs():
        outputs_for(2.0, 0 * X if other.shape == X.shape and not other.any() else X, calculate)
        outputs = outputs_for(2.0, other, calculate)
    np.testing.assert_array_equal(outputs, 2 * other[:, :1])
    assert len(calculate.rows) == 2


def test_rows_that_were_written_to_are_others(calculate):
    rows = X.copy()
    with remembered_outputs():
        outputs_for(1.0, rows, calculate)
        rows += 1
        np.testing.assert_array_equal(outputs_for(1.0, rows, calculate), [[1], [3], [5]])


def test_another_network_is_another(calculate):
    with remembered_outputs():
        outputs_for(2.0, X, calculate)
        np.testing.assert_array_equal(outputs_for(3.0, X, calculate), [[0], [6], [12]])


def test_missing_values_are_the_same(calculate):
    rows = np.array([[np.nan, 1.0]], dtype="float32")
    with remembered_outputs():
        outputs_for(2.0, rows, calculate)
        outputs_for(2.0, rows.copy(), calculate)
    assert len(calculate.rows) == 1


def test_who_writes_to_outputs_writes_to_their_own(calculate):
    with remembered_outputs():
        outputs_for(2.0, X, calculate)[:] = 7
        outputs_for(2.0, X, calculate)[:] = 7
        np.testing.assert_array_equal(outputs_for(2.0, X, calculate), [[0], [4], [8]])


def test_other_threads_remember_nothing(calculate):
    with remembered_outputs(), ThreadPoolExecutor(1) as pool:
        outputs_for(2.0, X, calculate)
        pool.submit(outputs_for, 2.0, X, calculate).result()
        pool.submit(outputs_for, 2.0, X, calculate).result()
    assert len(calculate.rows) == 3


def test_predictions_of_an_estimator_are_the_same():
    rng = np.random.default_rng(0)
    rows, y = rng.normal(size=(40, 3)), rng.integers(0, 3, 40)
    model = KerasMLPClassifier((4,), epochs=1, random_state=0).fit(rows, y)
    expected = model.predict(rows), model.predict_proba(rows), model.predict_proba(rows[:5])
    with remembered_outputs():
        found = model.predict(rows), model.predict_proba(rows), model.predict_proba(rows[:5])
    for one, other in zip(expected, found, strict=True):
        np.testing.assert_array_equal(one, other)
