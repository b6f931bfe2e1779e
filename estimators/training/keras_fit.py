"""Training through ``keras.Model.fit``, with an order of the rows that a seed alone decides."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf

from estimators.training.order import row_order
from estimators.training.rows import Rows

__all__ = ["fit_keras"]

_ROWS_AT_ONCE = 8192


def fit_keras(
    model: keras.Model,
    rows: Rows,
    *,
    validation: Rows | None,
    batch_size: int,
    epochs: int,
    initial_epoch: int,
    shuffle_seed: int | None,
    callbacks: Sequence[keras.callbacks.Callback],
    verbose: int,
) -> dict[str, list[float]]:
    """Train as :func:`estimators.training.train` says."""
    order = tf.Variable(np.arange(len(rows.X)), trainable=False, dtype=tf.int64)
    history = model.fit(
        _batches(rows, order, batch_size),
        validation_data=None if validation is None else validation.arrays,
        validation_batch_size=_ROWS_AT_ONCE,
        epochs=initial_epoch + epochs,
        initial_epoch=initial_epoch,
        shuffle=False,
        callbacks=[_Shuffle(order, shuffle_seed), *callbacks],
        verbose=verbose,
    )
    return {name: [float(value) for value in values] for name, values in history.history.items()}


class _Shuffle(keras.callbacks.Callback):
    """Give each epoch its order of the rows."""

    def __init__(self, order: tf.Variable, seed: int | None):
        super().__init__()
        self.order = order
        self.seed = seed

    def on_epoch_begin(self, epoch, logs=None):
        self.order.assign(row_order(self.order.shape[0], self.seed, epoch))


def _batches(rows: Rows, order: tf.Variable, batch_size: int) -> tf.data.Dataset:
    """Read the rows where they are, which may be a file that is larger than the memory."""

    def batch(start: tf.Tensor) -> tuple[tf.Tensor, ...]:
        tensors = tf.numpy_function(
            lambda positions: rows.take(positions).arrays,
            [order[start : start + batch_size]],
            [tf.float32] * len(rows.arrays),
        )
        return tuple(
            tf.ensure_shape(tensor, [None, *array.shape[1:]])
            for tensor, array in zip(tensors, rows.arrays, strict=True)
        )

    starts = tf.data.Dataset.range(0, len(rows.X), batch_size)
    return starts.map(batch).prefetch(tf.data.AUTOTUNE)
