from __future__ import annotations

import numpy as np
import pytest

from estimators.engine.rows import PaddedRows, Rows

X = np.arange(12, dtype="float32").reshape(6, 2)
Y = np.arange(6, dtype="float32").reshape(6, 1)
WEIGHT = np.linspace(0, 1, 6, dtype="float32")


@pytest.mark.parametrize("weight", [None, WEIGHT], ids=["plain", "weighted"])
def test_take(weight):
    taken = Rows(X, Y, weight).take(np.array([4, 1]))
    assert taken.X.tolist() == [[8, 9], [2, 3]]
    assert taken.y.tolist() == [[4], [1]]
    if weight is None:
        assert taken.sample_weight is None
    else:
        np.testing.assert_array_equal(taken.sample_weight, WEIGHT[[4, 1]])


def test_bytes():
    assert Rows(X, Y).n_bytes == 4 * (12 + 6)
    assert Rows(X, Y, WEIGHT).n_bytes == 4 * (12 + 6 + 6)
    assert len(Rows(X, Y).arrays) == 2
    assert len(Rows(X, Y, WEIGHT).arrays) == 3


@pytest.mark.parametrize("shape", [(6, 2), (6, 3, 2), (6, 1, 2, 2)], ids=str)
def test_padded(shape):
    values = np.random.default_rng(0).normal(size=shape).astype("float32")
    padded = PaddedRows.of(Rows(values, Y, WEIGHT), 8)
    assert padded.X.shape == (8, *shape[1:])
    np.testing.assert_array_equal(padded.X[:6], values)
    for array in (padded.X, padded.y, padded.sample_weight):
        assert len(array) == 8
        assert not array[6:].any()
        assert array.ctypes.data % 64 == 0  # else TensorFlow copies it in each epoch
    assert padded.n_rows == 6


def test_padded_without_weights():
    assert PaddedRows.of(Rows(X, Y), 8).sample_weight.shape == (0,)
