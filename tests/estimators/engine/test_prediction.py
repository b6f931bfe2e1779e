from __future__ import annotations

import gc
import weakref
from concurrent.futures import ThreadPoolExecutor

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
    for n_rows in (1, 3, 8, 31):
        np.testing.assert_array_equal(predict_in_batches(model, X[:n_rows]), whole[:n_rows])


def test_wide_layers_get_fewer_rows_at_once():
    """As 2**24 numbers, 64 MiB, have room for, in blocks of 8 rows; outputs stay the same."""
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


def small_network(activation="relu"):
    layers = [keras.layers.Dense(33, activation), keras.layers.Dense(3, "softmax")]
    return keras.Sequential([keras.Input((7,)), *layers])


class TestManyCalls:
    """Those after which the network is frozen."""

    N_CALLS = 40

    @pytest.mark.parametrize("n_rows", [1, 9, 1500])
    @pytest.mark.parametrize("activation", ["relu", "gelu", "mish"])
    def test_outputs_stay_the_same_to_the_bit(self, activation, n_rows):
        model = small_network(activation)
        X = np.random.default_rng(0).normal(size=(n_rows, 7)).astype("float32")
        first = predict_in_batches(model, X)
        for _ in range(self.N_CALLS):
            np.testing.assert_array_equal(predict_in_batches(model, X), first)
        np.testing.assert_array_equal(predict_in_batches(model, X[:1]), first[:1])

    def test_layers_are_no_longer_called(self):
        calls = []

        class Watching(keras.layers.Layer):
            def call(self, inputs):
                calls.append(1)
                return inputs

        model = keras.Sequential([keras.Input((7,)), keras.layers.Dense(2), Watching()])
        X = np.ones((1, 7), "float32")
        for _ in range(self.N_CALLS):
            predict_in_batches(model, X)
        calls.clear()
        predict_in_batches(model, X)
        assert calls == []

    def test_a_network_without_weights(self):
        model = keras.Sequential([keras.Input((7,)), keras.layers.ReLU()])
        X = np.ones((1, 7), "float32")
        for _ in range(self.N_CALLS):
            np.testing.assert_array_equal(predict_in_batches(model, X), X)

    def test_a_recurrent_network(self):
        model = keras.Sequential([keras.Input((5, 2)), keras.layers.LSTM(3)])
        X = np.random.default_rng(0).normal(size=(4, 5, 2)).astype("float32")
        first = predict_in_batches(model, X)
        for _ in range(self.N_CALLS):
            np.testing.assert_array_equal(predict_in_batches(model, X), first)

    def test_steps_are_no_longer_called_from_the_second_time_on(self):
        calls = []

        class Watching(keras.layers.Layer):
            def call(self, inputs):
                calls.append(1)
                return inputs

        model = keras.Sequential([keras.Input((5, 2)), keras.layers.GRU(3), Watching()])
        X = np.random.default_rng(0).normal(size=(400, 5, 2)).astype("float32")
        whole, again = predict_in_batches(model, X), predict_in_batches(model, X)
        np.testing.assert_array_equal(again, whole)
        calls.clear()
        with ThreadPoolExecutor(4) as pool:
            rows = [*pool.map(lambda i: predict_in_batches(model, X[i : i + 1]), range(400))]
        np.testing.assert_array_equal(np.concatenate(rows), whole)
        assert calls == []

    @pytest.mark.parametrize("how", ["set_weights", "assign", "fit"])
    def test_new_weights_count_at_once(self, how):
        model = small_network()
        X = np.random.default_rng(0).normal(size=(5, 7)).astype("float32")
        for _ in range(self.N_CALLS):
            before = predict_in_batches(model, X)
        if how == "set_weights":
            model.set_weights([2 * weight for weight in model.get_weights()])
        elif how == "assign":
            model.layers[-1].bias.assign([3.0, 0.0, 0.0])
        else:
            model.compile(keras.optimizers.SGD(1.0), "sparse_categorical_crossentropy")
            model.fit(X, np.zeros(len(X)), verbose=0)
        after = predict_in_batches(model, X)
        assert np.abs(after - before).max() > 0.01
        np.testing.assert_allclose(after, model(X).numpy(), atol=1e-6)
        for _ in range(self.N_CALLS):
            np.testing.assert_array_equal(predict_in_batches(model, X), after)

    def test_a_network_may_go(self):
        model = small_network()
        X = np.ones((1, 7), "float32")
        for _ in range(self.N_CALLS):
            predict_in_batches(model, X)
        gone = weakref.ref(model)
        del model
        gc.collect()
        assert gone() is None

    def test_threads_may_share_a_network(self):
        model = small_network()
        X = np.random.default_rng(0).normal(size=(400, 7)).astype("float32")
        whole = predict_in_batches(model, X)
        with ThreadPoolExecutor(4) as pool:
            rows = [*pool.map(lambda i: predict_in_batches(model, X[i : i + 1]), range(400))]
        np.testing.assert_array_equal(np.concatenate(rows), whole)
