"""The engine's batch normalization against Keras' own, with its gradients."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from estimators.layers import MaskedBatchNormalization, NormalizedDense

ROUNDING = {"rtol": 1e-4, "atol": 1e-5}
RNG = np.random.default_rng(0)
SCALE = RNG.normal(size=3).astype("float32")
OFFSET = RNG.normal(size=3).astype("float32")


def built(kind, rank=2):
    layer = kind(momentum=0.9)
    layer.build((None,) * (rank - 1) + (3,))
    layer.gamma.assign(SCALE)
    layer.beta.assign(OFFSET)
    return layer


def trained(layer, X, upstream, **mask):
    """Outputs, gradients of input, scale and offset, and moving statistics after a step."""
    X = tf.constant(X)
    weights = [layer.gamma.value, layer.beta.value]
    with tf.GradientTape() as tape:
        tape.watch(X)
        outputs = layer(X, training=True, **mask)
        total = tf.reduce_sum(outputs * upstream)
    gradients = tape.gradient(total, [X, *weights])
    moving = [layer.moving_mean, layer.moving_variance]
    return [outputs.numpy(), *(each.numpy() for each in (*gradients, *moving))]


@pytest.mark.parametrize("shape", [(7, 3), (7, 4, 3), (4, 4, 3), (5, 2, 4, 3)], ids=str)
@pytest.mark.parametrize("n_present", [7, 4])
def test_as_keras_over_the_rows_that_are_there(shape, n_present):
    """Places of the batch without a row change nothing, whatever stands there."""
    n_present = min(n_present, shape[0])
    X = (3 * RNG.normal(size=shape) + 2).astype("float32")
    upstream = RNG.normal(size=shape).astype("float32")
    upstream[n_present:] = 0  # they weigh nothing in the loss
    mask = tf.range(shape[0]) < n_present
    ours = trained(built(MaskedBatchNormalization, len(shape)), X, upstream, mask=mask)
    theirs = trained(
        built(keras.layers.BatchNormalization, len(shape)), X[:n_present], upstream[:n_present]
    )
    for name, (own, expected) in enumerate(zip(ours, theirs, strict=True)):
        own = own[:n_present] if name < 2 else own
        np.testing.assert_allclose(own, expected, **ROUNDING)


def test_a_mask_of_steps():
    X = RNG.normal(size=(4, 5, 3)).astype("float32")
    mask = RNG.random((4, 5)) < 0.6
    upstream = (RNG.normal(size=X.shape) * mask[..., None]).astype("float32")
    outputs, *_ = trained(built(MaskedBatchNormalization, 3), X, upstream, mask=tf.constant(mask))
    standardized = (outputs[mask] - OFFSET) / SCALE
    np.testing.assert_allclose(standardized.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(standardized.std(axis=0), 1, atol=1e-2)


def test_prediction_is_keras():
    X = RNG.normal(size=(7, 3)).astype("float32")
    ours, theirs = (
        built(kind)(X) for kind in (MaskedBatchNormalization, keras.layers.BatchNormalization)
    )
    np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("n_present", [7, 5])
@pytest.mark.parametrize("use_bias", [True, False])
def test_normalized_dense_is_the_two_layers(n_present, use_bias):
    X = (2 * RNG.normal(size=(7, 3)) - 1).astype("float32")
    upstream = RNG.normal(size=(7, 2)).astype("float32")
    upstream[n_present:] = 0
    mask = tf.range(7) < n_present
    dense = keras.layers.Dense(2, use_bias=use_bias, kernel_initializer="glorot_uniform")
    normalization = MaskedBatchNormalization(momentum=0.9)
    fused = NormalizedDense(normalization, dense)
    fused.build((None, 3))
    normalization.gamma.assign(SCALE)
    normalization.beta.assign(OFFSET)
    plain = built(keras.layers.BatchNormalization)
    values = [each.value for each in fused.trainable_variables]
    with tf.GradientTape() as tape:
        outputs = fused(tf.constant(X), training=True, mask=mask)
        total = tf.reduce_sum(outputs * upstream)
    ours = tape.gradient(total, values)
    expected_values = [plain.gamma.value, plain.beta.value, *(w.value for w in dense.weights)]
    with tf.GradientTape() as tape:
        expected = dense(plain(tf.constant(X[:n_present]), training=True))
        total = tf.reduce_sum(expected * upstream[:n_present])
    theirs = tape.gradient(total, expected_values)
    np.testing.assert_allclose(outputs[:n_present], expected, **ROUNDING)
    for own, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(own, other, **ROUNDING)
    np.testing.assert_allclose(normalization.moving_mean, plain.moving_mean, **ROUNDING)
    np.testing.assert_allclose(normalization.moving_variance, plain.moving_variance, **ROUNDING)
    np.testing.assert_allclose(fused(X), dense(plain(X)), **ROUNDING)
    assert fused.compute_output_shape((None, 3)) == (None, 2)
