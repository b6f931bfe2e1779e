from __future__ import annotations

import keras
import numpy as np
import pytest

from estimators.engine import predict_in_batches


@pytest.mark.parametrize("shape", [(3,), (4, 3), (2, 4, 3)], ids=str)
@pytest.mark.parametrize("n_rows", [1, 32, 33, 8193])
def test_outputs_of_any_rank(shape, n_rows):
    layers = [keras.layers.Flatten(), keras.layers.Dense(2)]
    model = keras.Sequential([keras.Input(shape), *layers])
    X = np.random.default_rng(0).normal(size=(n_rows, *shape)).astype("float32")
    kernel, bias = model.get_weights()
    outputs = predict_in_batches(model, X)
    np.testing.assert_allclose(outputs, X.reshape(n_rows, -1) @ kernel + bias, atol=1e-4)


def test_a_row_does_not_depend_on_what_comes_along():
    model = keras.Sequential([keras.Input((7,)), keras.layers.Dense(33), keras.layers.Dense(1)])
    X = np.random.default_rng(0).normal(size=(50, 7)).astype("float32")
    whole = predict_in_batches(model, X)
    for n_rows in (1, 3, 31):
        np.testing.assert_array_equal(predict_in_batches(model, X[:n_rows]), whole[:n_rows])


def test_wide_layers_get_fewer_rows_at_once():
    """As 2**24 numbers, 64 MiB, have room for, in blocks of 32 rows; outputs stay the same."""
    sizes = []

    class Watching(keras.layers.Layer):
        def call(self, inputs):
            sizes.append(inputs.shape[0])
            return inputs[:, :1]

    layers = [keras.layers.Dense(2**14), Watching()]
    model = keras.Sequential([keras.Input((2,)), *layers])
    X = np.random.default_rng(0).normal(size=(1500, 2)).astype("float32")
    sizes.clear()
    outputs = predict_in_batches(model, X)
    assert sizes == [1024, 480]
    np.testing.assert_allclose(outputs, X @ model.get_weights()[0][:, :1], atol=1e-5)
