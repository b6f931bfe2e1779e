"""Which places of a batch hold a row."""

from __future__ import annotations

from typing import NamedTuple

import tensorflow as tf

__all__ = ["Batch"]


class Batch(NamedTuple):
    """A batch that need not be full.

    Attributes
    ----------
    weight : tf.Tensor of shape (batch_size,)
        1 where there is a row, else 0.
    count : tf.Tensor
        How many rows there are, in float32.
    """

    weight: tf.Tensor
    count: tf.Tensor

    @classmethod
    def of(cls, n_rows: tf.Tensor, number: tf.Tensor, size: int) -> Batch:
        """The batch of a number, of those that a number of rows makes."""
        left = n_rows - number * size
        return cls(
            weight=tf.cast(tf.range(size) < left, tf.float32),
            count=tf.cast(tf.minimum(left, size), tf.float32),
        )

    def moments(self, X: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Mean and variance by column, over the places that hold a row."""
        weight = self.weight[:, None]
        mean = tf.reduce_sum(X * weight, axis=0) / self.count
        variance = tf.reduce_sum(tf.square(X - mean) * weight, axis=0) / self.count
        return mean, variance
