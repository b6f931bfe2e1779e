from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from estimators.layers import ParametricActivation, mish

X = np.array([[-2.0, 1.0], [0.5, -3.0]], "float32")


def layer_of(name="tanh", alpha=None):
    layer = ParametricActivation(keras.layers.Activation(name))
    layer.build((None, 2))
    if alpha is not None:
        layer.alpha.assign(alpha)
    return layer


def test_begins_as_the_activation():
    np.testing.assert_allclose(keras.ops.convert_to_numpy(layer_of()(X)), np.tanh(X), rtol=1e-6)


def test_by_hand():
    """Unit 0 takes none of the activation, unit 1 one half of it."""
    expected = np.c_[X[:, 0], (X[:, 1] + np.tanh(X[:, 1])) / 2]
    outputs = keras.ops.convert_to_numpy(layer_of(alpha=[0.0, 0.5])(X))
    np.testing.assert_allclose(outputs, expected, rtol=1e-6)


def test_slope_by_hand():
    """Of alpha it is what the activation adds to the input, over the rows."""
    layer = layer_of(alpha=[0.0, 0.5])
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(layer(X))
    slope = tape.gradient(total, layer.trainable_variables)[0]
    np.testing.assert_allclose(slope, (np.tanh(X) - X).sum(axis=0), rtol=1e-5)


def test_what_it_holds_is_trained_as_well(tmp_path):
    network = keras.Sequential(
        [keras.Input((2,)), ParametricActivation(keras.layers.PReLU(name="function"))]
    )
    assert [variable.name for variable in network.trainable_variables] == ["alpha", "alpha"]
    for variable in network.trainable_variables:
        variable.assign([0.25, 0.75])
    network.save(tmp_path / "network.keras")
    loaded = keras.saving.load_model(tmp_path / "network.keras", safe_mode=True)
    np.testing.assert_array_equal(
        keras.ops.convert_to_numpy(loaded(X)), keras.ops.convert_to_numpy(network(X))
    )


class TestMish:
    VALUES = np.concatenate([np.linspace(-30, 30, 4001), [-1e4, -100, 100, 1e4]]).astype("float32")

    def test_is_keras_own(self):
        exact = self.VALUES * np.tanh(np.logaddexp(0, self.VALUES.astype(float)))
        ours = keras.ops.convert_to_numpy(mish(self.VALUES))
        np.testing.assert_allclose(ours, exact, rtol=2e-6, atol=1e-12)
        theirs = keras.ops.convert_to_numpy(keras.activations.mish(self.VALUES))
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-6)

    @pytest.mark.parametrize("compiled", [False, True])
    def test_slope(self, compiled):
        @tf.function(jit_compile=compiled)
        def slope_at(values):
            with tf.GradientTape() as tape:
                tape.watch(values)
                total = tf.reduce_sum(mish(values))
            return tape.gradient(total, values)

        x = self.VALUES.astype(float)
        inner = np.tanh(np.logaddexp(0, x))
        sigmoid = np.exp(-np.logaddexp(0, -x))
        exact = inner + x * sigmoid * (1 - inner**2)
        np.testing.assert_allclose(slope_at(tf.constant(self.VALUES)), exact, rtol=1e-5, atol=1e-6)
