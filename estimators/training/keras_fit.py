"""Training through ``keras.Model.fit``, with an order of the rows that a seed alone decides."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf

from estimators.training.rows import Rows

__all__ = ["predict_in_batches", "train"]

_ROWS_AT_ONCE = 8192
_BLOCK = 32


def train(
    model: keras.Model,
    rows: Rows,
    *,
    validation: Rows | None = None,
    batch_size: int = 32,
    epochs: int = 1,
    initial_epoch: int = 0,
    shuffle_seed: int | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    verbose: int = 0,
) -> dict[str, list[float]]:
    """Train a compiled model.

    Parameters
    ----------
    model : keras.Model
        Trained in place, its optimizer's state included.
    rows, validation : Rows
        What to train on, and what to evaluate after each epoch.
    batch_size : int, default=32
        Rows a step; the last batch of an epoch may be smaller.
    epochs : int, default=1
        Number of epochs to run.
    initial_epoch : int, default=0
        Number of epochs that the model has behind it.
    shuffle_seed : int, default=None
        Decides, with the number of the epoch, in which order the rows come; None keeps them in
        place.
    callbacks : sequence of keras.callbacks.Callback
        Told of the training as by ``Model.fit``.
    verbose : int, default=0
        As in ``Model.fit``.

    Returns
    -------
    dict of str to list of float
        Loss and metrics by epoch.
    """
    order = tf.Variable(np.arange(len(rows.X)), trainable=False, dtype=tf.int64)
    if shuffle_seed is not None:
        callbacks = [_Shuffle(order, shuffle_seed), *callbacks]
    history = model.fit(
        _batches(rows, order, batch_size),
        validation_data=None if validation is None else validation.arrays,
        validation_batch_size=_ROWS_AT_ONCE,
        epochs=initial_epoch + epochs,
        initial_epoch=initial_epoch,
        shuffle=False,
        callbacks=list(callbacks),
        verbose=verbose,
    )
    return {name: [float(value) for value in values] for name, values in history.history.items()}


class _Shuffle(keras.callbacks.Callback):
    """Give each epoch an order of the rows of its own, decided by the seed and its number."""

    def __init__(self, order: tf.Variable, seed: int):
        super().__init__()
        self.order = order
        self.seed = seed

    def on_epoch_begin(self, epoch, logs=None):
        generator = np.random.default_rng([self.seed, epoch])
        self.order.assign(generator.permutation(self.order.shape[0]))


def _batches(rows: Rows, order: tf.Variable, batch_size: int) -> tf.data.Dataset:
    tensors = tuple(tf.constant(array) for array in rows.arrays)
    starts = tf.data.Dataset.range(0, len(rows.X), batch_size)
    return starts.map(
        lambda start: tuple(
            tf.gather(tensor, order[start : start + batch_size]) for tensor in tensors
        )
    ).prefetch(tf.data.AUTOTUNE)


def predict_in_batches(model: keras.Model, X: np.ndarray) -> np.ndarray:
    """Outputs of a model, without tracing a program for it.

    Parameters
    ----------
    model : keras.Model
    X : ndarray of shape (n_rows, n_features), float32

    Returns
    -------
    ndarray of shape (n_rows, n_outputs), float32
    """
    chunks = [
        model(tf.constant(_padded(X[start : start + _ROWS_AT_ONCE])), training=False).numpy()
        for start in range(0, len(X), _ROWS_AT_ONCE)
    ]
    return np.concatenate(chunks)[: len(X)]


def _padded(X: np.ndarray) -> np.ndarray:
    """Fill up to whole blocks, so that a row's output does not depend on how many come along."""
    missing = -len(X) % _BLOCK
    return np.pad(X, ((0, missing), (0, 0)))
