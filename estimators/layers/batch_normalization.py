"""Batch normalization for the compiled engine, with its gradients in closed form.

The same as Keras' layer, which derives the gradients step by step through mean and variance, but
with fewer and larger operations: less to compile and less to compute. The mask says which places
of a batch hold a row.
"""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from estimators.layers.dynamic_value import dynamic_value

__all__ = ["PRESENT", "MaskedBatchNormalization", "NormalizedDense"]

PRESENT = "present"
"""Under which name the dynamic values say which places of a batch hold a row."""


class MaskedBatchNormalization(keras.layers.BatchNormalization):
    """``keras.layers.BatchNormalization`` over the places of a batch that hold a row.

    Attributes
    ----------
    thaws : bool
        Whether it is frozen, and uses its moving mean and variance, in the steps in which the
        dynamic value "unfreeze_at" is above 0.
    """

    thaws = False

    def call(self, inputs: tf.Tensor, training: bool = False, mask: Any = None) -> tf.Tensor:
        if not training or mask is None or not self.trainable:
            return super().call(inputs, training=training, mask=mask)
        present = dynamic_value(PRESENT, None)
        if mask.shape.rank == 2 and present is not None:
            mask = mask & present[:, None]  # one of the steps, which Keras makes without the rows'
        weight = _weight(mask, inputs)
        standardized, slope = self.standardize(inputs, weight)
        count = tf.reduce_sum(weight)
        frozen = self._frozen()
        axes = list(range(inputs.shape.rank - 1))

        @tf.custom_gradient
        def scaled(X: tf.Tensor, scale: tf.Tensor, offset: tf.Tensor) -> Any:
            def gradients(upstream: tf.Tensor) -> tuple[tf.Tensor, ...]:
                of_offset = tf.reduce_sum(upstream, axis=axes)
                of_scale = tf.reduce_sum(upstream * standardized, axis=axes)
                shared = (of_offset + standardized * of_scale) / count
                if frozen is not None:
                    shared = tf.where(frozen, 0.0, shared)
                return scale * slope * (upstream - weight * shared), of_scale, of_offset

            return standardized * scale + offset, gradients

        return scaled(inputs, self.gamma.value, self.beta.value)

    def standardize(self, X: tf.Tensor, weight: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Bring each feature to mean 0 and variance 1; the moving mean and variance follow.

        Parameters
        ----------
        X : tf.Tensor of shape (..., n_features)
        weight : tf.Tensor of shape (..., 1)
            1 where there is a row, else 0.

        Returns
        -------
        standardized, slope : tf.Tensor
            Gradients do not flow through them.
        """
        X = tf.stop_gradient(X)
        axes, count = list(range(X.shape.rank - 1)), tf.reduce_sum(weight)
        mean = tf.reduce_sum(X * weight, axis=axes) / count
        variance = tf.reduce_sum(tf.square(X - mean) * weight, axis=axes) / count
        frozen = self._frozen()
        if frozen is not None:
            mean = tf.where(frozen, self.moving_mean.value, mean)
            variance = tf.where(frozen, self.moving_variance.value, variance)
        for moving, value in ((self.moving_mean, mean), (self.moving_variance, variance)):
            moved = moving.value * self.momentum + value * (1 - self.momentum)
            moving.assign(moved if frozen is None else tf.where(frozen, moving.value, moved))
        slope = tf.math.rsqrt(variance + self.epsilon)
        return (X - mean) * slope, slope

    def _frozen(self) -> tf.Tensor | None:
        """Whether it is frozen in this step; None where it never is."""
        return dynamic_value("unfreeze_at", 0.0) > 0 if self.thaws else None


class NormalizedDense(keras.layers.Layer):
    """Batch normalization of the data themselves, and the first dense layer, in one.

    Differentiated step by step, scale and offset need the gradient of the whole input, one more
    product as large as the layer's own. Both follow from the kernel's gradient instead: with
    ``G = X.T @ upstream`` and ``s = upstream.sum(0)``, they are the row sums of ``kernel * G``
    and ``kernel @ s``. The data themselves get no gradient, as nothing needs it.

    Parameters
    ----------
    normalization : MaskedBatchNormalization
    dense : keras.layers.Dense
    """

    def __init__(self, normalization: MaskedBatchNormalization, dense: keras.layers.Dense):
        super().__init__(name=dense.name)
        self.normalization = normalization
        self.dense = dense
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        self.normalization.build(input_shape)
        self.dense.build(input_shape)

    def call(self, inputs: tf.Tensor, training: bool = False, mask: Any = None) -> tf.Tensor:
        if not training or mask is None or not self.trainable:
            return self.dense(self.normalization(inputs, training=training))
        standardized, _ = self.normalization.standardize(inputs, _weight(mask, inputs))

        @tf.custom_gradient
        def product(scale: tf.Tensor, offset: tf.Tensor, kernel: tf.Tensor) -> Any:
            def gradients(upstream: tf.Tensor) -> tuple[tf.Tensor, ...]:
                of_kernel = tf.matmul(standardized, upstream, transpose_a=True)
                total = tf.reduce_sum(upstream, axis=0)
                return (
                    # As a product: XLA would add up each row number by number.
                    tf.linalg.matvec(kernel * of_kernel, tf.ones(kernel.shape[1])),
                    tf.linalg.matvec(kernel, total),
                    scale[:, None] * of_kernel + offset[:, None] * total,
                )

            return tf.matmul(standardized * scale + offset, kernel), gradients

        outputs = product(
            self.normalization.gamma.value,
            self.normalization.beta.value,
            self.dense.kernel.value,
        )
        return outputs if self.dense.bias is None else outputs + self.dense.bias.value

    def compute_output_shape(self, input_shape: Any) -> Any:
        return self.dense.compute_output_shape(input_shape)


def _weight(mask: tf.Tensor, inputs: tf.Tensor) -> tf.Tensor:
    """A mask over rows (and steps) as numbers, with one more axis for the features."""
    while mask.shape.rank < inputs.shape.rank - 1:
        mask = tf.broadcast_to(mask[..., None], tf.shape(inputs)[: mask.shape.rank + 1])
    return tf.cast(mask, inputs.dtype)[..., None]
