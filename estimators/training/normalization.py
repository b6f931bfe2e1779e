"""Batch normalization in training, with its gradients in closed form.

The same as Keras' layer, which derives the gradients step by step through mean and variance, but
for batches of which some places hold no row, and with fewer and larger operations: less to compile
and less to compute.
"""

from __future__ import annotations

import keras
import tensorflow as tf

from estimators.training.batch import Batch

__all__ = ["normalized", "normalized_product"]


def normalized(layer: keras.layers.BatchNormalization, X: tf.Tensor, batch: Batch) -> tf.Tensor:
    """Normalize what a layer gave out, and let the moving mean and variance follow.

    Parameters
    ----------
    layer : keras.layers.BatchNormalization
    X : tf.Tensor of shape (n_rows, n_features)
    batch : Batch

    Returns
    -------
    tf.Tensor of shape (n_rows, n_features)
    """
    standardized, slope = _standardized(layer, X, batch)

    @tf.custom_gradient
    def scaled(X, scale, offset):
        def gradients(upstream):
            of_offset = tf.reduce_sum(upstream, axis=0)
            of_scale = tf.reduce_sum(upstream * standardized, axis=0)
            shared = (of_offset + standardized * of_scale) / batch.count
            of_X = scale * slope * (upstream - batch.weight[:, None] * shared)
            return of_X, of_scale, of_offset

        return standardized * scale + offset, gradients

    return scaled(X, layer.gamma.value, layer.beta.value)


def normalized_product(
    layer: keras.layers.BatchNormalization,
    dense: keras.layers.Dense,
    X: tf.Tensor,
    batch: Batch,
) -> tf.Tensor:
    """Normalize the data themselves and multiply them by the kernel of the first dense layer.

    Differentiated step by step, scale and offset need the gradient of the whole input, one more
    product as large as the layer's own. Both follow from the kernel's gradient instead: with
    ``G = X.T @ upstream`` and ``s = upstream.sum(0)``, they are the row sums of ``kernel * G``
    and ``kernel @ s``. The data themselves get no gradient, as nothing needs it.

    Parameters
    ----------
    layer : keras.layers.BatchNormalization
    dense : keras.layers.Dense
    X : tf.Tensor of shape (n_rows, n_features)
    batch : Batch

    Returns
    -------
    tf.Tensor of shape (n_rows, n_units)
    """
    standardized, _ = _standardized(layer, X, batch)

    @tf.custom_gradient
    def product(scale, offset, kernel):
        def gradients(upstream):
            of_kernel = tf.matmul(standardized, upstream, transpose_a=True)
            total = tf.reduce_sum(upstream, axis=0)
            return (
                # As a product: XLA would add up each row number by number.
                tf.linalg.matvec(kernel * of_kernel, tf.ones(kernel.shape[1])),
                tf.linalg.matvec(kernel, total),
                scale[:, None] * of_kernel + offset[:, None] * total,
            )

        return tf.matmul(standardized * scale + offset, kernel), gradients

    return product(layer.gamma.value, layer.beta.value, dense.kernel.value)


def _standardized(
    layer: keras.layers.BatchNormalization, X: tf.Tensor, batch: Batch
) -> tuple[tf.Tensor, tf.Tensor]:
    """Rows with mean 0 and variance 1 by column, and what they were multiplied by for it."""
    mean, variance = batch.moments(tf.stop_gradient(X))
    for moving, value in ((layer.moving_mean, mean), (layer.moving_variance, variance)):
        moving.assign(moving.value * layer.momentum + value * (1 - layer.momentum))
    slope = tf.math.rsqrt(variance + layer.epsilon)
    return (tf.stop_gradient(X) - mean) * slope, slope
