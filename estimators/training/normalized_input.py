"""The first dense layer behind a batch normalization of the input."""

from __future__ import annotations

import tensorflow as tf

__all__ = ["normalized_product"]


@tf.custom_gradient
def normalized_product(X: tf.Tensor, scale: tf.Tensor, offset: tf.Tensor, kernel: tf.Tensor):
    """Multiply ``X * scale + offset`` by a kernel, with cheaper gradients.

    Differentiated step by step, scale and offset need the gradient of the whole input, one more
    product as large as the layer's own. Both follow from the kernel's gradient instead: with
    ``G = X.T @ upstream`` and ``s = upstream.sum(0)``, they are the row sums of ``kernel * G``
    and ``kernel @ s``. The data themselves get no gradient, as nothing needs it.

    Parameters
    ----------
    X : tf.Tensor of shape (n_rows, n_features)
        Normalized rows.
    scale, offset : tf.Tensor of shape (n_features,)
    kernel : tf.Tensor of shape (n_features, n_units)

    Returns
    -------
    tf.Tensor of shape (n_rows, n_units)
    """

    def gradients(upstream):
        product = tf.matmul(X, upstream, transpose_a=True)
        total = tf.reduce_sum(upstream, axis=0)
        return (
            None,
            _row_sums(kernel * product),
            tf.linalg.matvec(kernel, total),
            scale[:, None] * product + offset[:, None] * total,
        )

    return tf.matmul(X * scale + offset, kernel), gradients


def _row_sums(matrix: tf.Tensor) -> tf.Tensor:
    """Sum by rows as a matrix product of two columns, for XLA adds number by number otherwise."""
    return tf.matmul(matrix, tf.ones([matrix.shape[1], 2]))[:, 0]
