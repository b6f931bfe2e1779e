"""Networks with their weights frozen."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from estimators import KerasRNNRegressor
from estimators.engine.frozen import FrozenNetwork

X = np.random.default_rng(0).normal(size=(9, 4)).astype("float32")


@pytest.fixture
def network():
    layers = [keras.layers.Dense(5, "tanh"), keras.layers.BatchNormalization()]
    return keras.Sequential([keras.Input((4,)), *layers, keras.layers.Dense(2)])


@pytest.mark.parametrize("n_rows", [1, 9])
def test_outputs_are_those_of_the_network_to_the_bit(network, n_rows):
    frozen = FrozenNetwork(network, rows_at_once=8)
    np.testing.assert_array_equal(frozen(X[:n_rows]), network(X[:n_rows], training=False))


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("return_sequences", [False, True])
@pytest.mark.parametrize("cell", ["simple", "gru", "lstm"])
def test_recurrent_networks_loop_as_they_do_step_by_step(cell, return_sequences, bidirectional):
    rows = np.random.default_rng(0).normal(size=(9, 6, 2)).astype("float32")
    rows[::2, 4:] = np.nan
    model = KerasRNNRegressor(
        (3, 4),
        cell,
        return_sequences=return_sequences,
        bidirectional=bidirectional,
        layer_norm=cell == "gru",
        random_state=0,
    )
    network = model.initialize(rows, rows[:, :, 0] if return_sequences else rows[:, 0, 0]).model_
    frozen = FrozenNetwork(network, rows_at_once=16)
    np.testing.assert_array_equal(frozen(rows), network(rows, training=False))


@pytest.mark.parametrize("number", [0, 3, -1], ids=["kernel", "moving variance", "bias"])
def test_it_is_no_longer_current_where_a_weight_is_written_to(network, number):
    frozen = FrozenNetwork(network, rows_at_once=8)
    before = frozen(X)
    assert frozen.is_current()
    network.weights[number].assign(network.weights[number] + 1)
    assert not frozen.is_current()
    np.testing.assert_array_equal(frozen(X), before)
    assert FrozenNetwork(network, rows_at_once=8).is_current()


@pytest.mark.parametrize(
    ("shape", "layers", "suits"),
    [
        ((4,), [keras.layers.Dense(2)], True),
        ((4,), [keras.layers.Activation("relu")], False),  # no weights
        ((6, 4), [keras.layers.LSTM(2)], True),
        ((6, 4, 1), [keras.layers.Conv2D(2, 3), keras.layers.Flatten()], False),
        ((4,), [keras.layers.Dense(2**12), keras.layers.Dense(2**12 + 1)], False),  # 64 MiB
    ],
    ids=["dense", "no weights", "recurrent", "image", "large"],
)
def test_which_networks_it_suits(shape, layers, suits):
    assert FrozenNetwork.suits(keras.Sequential([keras.Input(shape), *layers])) is suits
