"""The recurrent layer against Keras' own, and what Keras does not have."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from estimators.layers import PaddedSteps, Recurrent, dynamic_values
from estimators.layers.cells import CELLS

KERAS = {"simple": keras.layers.SimpleRNN, "lstm": keras.layers.LSTM, "gru": keras.layers.GRU}
RNG = np.random.default_rng(0)
N_STEPS, N_CHANNELS, UNITS = 6, 3, 4
X = RNG.normal(size=(5, N_STEPS, N_CHANNELS)).astype("float32")
PADDED = X.copy()
PADDED[1, 4:] = PADDED[3, 1:] = np.nan


def network_of(layer, *, backward=None):
    if backward is not None:
        layer = keras.layers.Bidirectional(layer, backward_layer=backward)
    return keras.Sequential([keras.Input((N_STEPS, N_CHANNELS)), PaddedSteps(), layer])


def gradients_of(network, X, weight):
    with tf.GradientTape() as tape:
        outputs = network(tf.constant(X), training=True)
        total = tf.reduce_sum(outputs * weight)
    weights = [variable.value for variable in network.trainable_variables]
    return [outputs * weight, *tape.gradient(total, weights)]


@pytest.mark.parametrize("bidirectional", [False, True], ids=["one way", "both ways"])
@pytest.mark.parametrize("sequences", [False, True], ids=["last", "all"])
@pytest.mark.parametrize("cell", KERAS)
def test_the_same_as_keras(cell, sequences, bidirectional):
    """Variables, outputs and gradients, with rows that end early."""

    def network(kind, **arguments):
        layers = [
            kind(
                UNITS,
                return_sequences=sequences,
                go_backwards=back,
                bias_initializer=keras.initializers.RandomNormal(seed=2),
                kernel_initializer=keras.initializers.GlorotUniform(seed=3 + back),
                recurrent_initializer=keras.initializers.Orthogonal(seed=5 + back),
                seed=1,
                name=name,
                **arguments,
            )
            for back, name in ((False, "there"), (True, "back"))
        ]
        return network_of(layers[0], backward=layers[1] if bidirectional else None)

    theirs, ours = network(KERAS[cell]), network(Recurrent, cell=cell)
    assert [each.shape for each in ours.variables] == [each.shape for each in theirs.variables]
    for own, other in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_array_equal(own, other)
    assert ours.output_shape == theirs.output_shape
    weight = 1.0
    if sequences:  # what stands at the padding counts nowhere
        weight = (~np.isnan(PADDED).all(axis=2))[..., None].astype("float32")
    expected = gradients_of(theirs, PADDED, weight)
    for own, other in zip(gradients_of(ours, PADDED, weight), expected, strict=True):
        np.testing.assert_allclose(own * 1.0, other * 1.0, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("cell", KERAS)
def test_padding_does_not_count(cell):
    network = network_of(Recurrent(UNITS, cell, layer_norm=True, seed=0))
    short = keras.Sequential(
        [keras.Input((4, N_CHANNELS)), Recurrent(UNITS, cell, layer_norm=True, seed=0)]
    )
    short.set_weights(network.get_weights())
    np.testing.assert_allclose(network(PADDED)[1], short(X[1:2, :4])[0], rtol=1e-5, atol=1e-6)


def test_layer_normalization_of_a_simple_cell_by_hand():
    layer = Recurrent(UNITS, "simple", layer_norm=True, return_sequences=True)
    network = network_of(layer)
    weights = [RNG.normal(size=each.shape) for each in network.get_weights()]
    network.set_weights(weights)
    kernel, recurrent_kernel, bias, scale = weights
    state = np.zeros((len(X), UNITS))
    for number in range(N_STEPS):
        total = X[:, number] @ kernel + state @ recurrent_kernel
        centered = total - total.mean(axis=1, keepdims=True)
        deviation = np.sqrt(total.var(axis=1, keepdims=True) + 1e-3)
        state = np.tanh(centered / deviation * scale + bias)
        np.testing.assert_allclose(network(X)[:, number], state, rtol=1e-4, atol=1e-5)


def test_layer_normalization_of_an_lstm_by_hand():
    def norm(x):
        centered = x - x.mean(axis=1, keepdims=True)
        return centered / np.sqrt(x.var(axis=1, keepdims=True) + 1e-3)

    def logistic(x):
        return 1 / (1 + np.exp(-x))

    network = network_of(Recurrent(UNITS, "lstm", layer_norm=True))
    weights = [RNG.normal(size=each.shape) for each in network.get_weights()]
    network.set_weights(weights)
    kernel, recurrent_kernel, bias, of_input, of_state, of_memory, offset = weights
    state = memory = np.zeros((len(X), UNITS))
    for number in range(N_STEPS):
        gates = norm(X[:, number] @ kernel) * of_input + bias
        gates = gates + norm(state @ recurrent_kernel) * of_state
        into, kept, candidate, out = np.split(gates, 4, axis=1)
        memory = logistic(kept) * memory + logistic(into) * np.tanh(candidate)
        state = logistic(out) * np.tanh(norm(memory) * of_memory + offset)
    np.testing.assert_allclose(network(X), state, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("cell", KERAS)
def test_recurrent_dropout_takes_the_same_units_in_all_steps(cell):
    """Were all dropped, no step would know of the one before."""
    layer = Recurrent(UNITS, cell, recurrent_dropout=0.5, return_sequences=True, seed=0)
    network = network_of(layer)
    with dynamic_values({"recurrent_dropout": 1 - 2**-24}):
        dropped = network(X, training=True)
    weights = network.get_weights()
    network.set_weights([weights[0], np.zeros_like(weights[1]), *weights[2:]])
    np.testing.assert_allclose(dropped, network(X), rtol=1e-5, atol=1e-6)


def test_recurrent_dropout_by_hand():
    layer = Recurrent(
        UNITS,
        "simple",
        "linear",
        recurrent_dropout=0.5,
        recurrent_initializer="identity",
        kernel_initializer="ones",
        return_sequences=True,
        seed=0,
    )
    ones = np.ones((50, 3, 1), "float32")
    network = keras.Sequential([keras.Input((3, 1)), layer])
    found = np.asarray(network(ones, training=True))
    is_dropped = found[:, 1] == 1
    assert 0.3 < is_dropped.mean() < 0.7
    np.testing.assert_array_equal(found[:, 2], np.where(is_dropped, 1, 7))  # 1 + 2 * (1 + 2 * 1)
    np.testing.assert_array_equal(network(ones)[:, 2], np.full((50, UNITS), 3))
    assert (np.asarray(network(ones, training=True)) != found).any()  # drawn anew


def test_the_gate_that_remembers_begins_with_1():
    network = network_of(Recurrent(2, "lstm"))
    np.testing.assert_array_equal(network.get_weights()[2], [0, 0, 1, 1, 0, 0, 0, 0])


@pytest.mark.parametrize("cell", CELLS)
def test_saved_and_loaded_safely(cell, tmp_path):
    network = network_of(
        Recurrent(UNITS, cell, "relu", layer_norm=True, recurrent_dropout=0.1, seed=1),
        backward=Recurrent(
            *(UNITS, cell, "relu"),
            layer_norm=True,
            recurrent_dropout=0.1,
            go_backwards=True,
            seed=2,
        ),
    )
    network.save(tmp_path / "network.keras")
    loaded = keras.saving.load_model(tmp_path / "network.keras", safe_mode=True)
    np.testing.assert_array_equal(loaded(PADDED), network(PADDED))
    assert [type(layer) for layer in loaded.layers] == [type(layer) for layer in network.layers]
