"""Outputs of a trained network."""

from __future__ import annotations

import math

import keras
import numpy as np
import tensorflow as tf

from estimators.configuration import prepare

__all__ = ["predict_in_batches"]

_ROWS_AT_ONCE = 8192
_VALUES_AT_ONCE = 2**24  # outputs of a layer: 64 MiB
_BLOCK = 32


def predict_in_batches(model: keras.Model, X: np.ndarray) -> np.ndarray:
    """Outputs of a model, without tracing a program for it.

    Parameters
    ----------
    model : keras.Model
    X : ndarray of shape (n_rows, ...), float32

    Returns
    -------
    ndarray of shape (n_rows, n_outputs), float32
    """
    prepare()
    n = _rows_at_once(model)
    chunks = [
        model(tf.constant(_padded(X[start : start + n])), training=False).numpy()
        for start in range(0, len(X), n)
    ]
    return np.concatenate(chunks)[: len(X)]


def _rows_at_once(model: keras.Model) -> int:
    """As many rows as have room in the memory, in whole blocks."""
    outputs = [each for layer in model.layers for each in keras.tree.flatten(layer.output)]
    widest: int = max(math.prod(size or 1 for size in each.shape[1:]) for each in outputs)
    n = min(_ROWS_AT_ONCE, _VALUES_AT_ONCE // widest)
    return max(_BLOCK, n - n % _BLOCK)


def _padded(X: np.ndarray) -> np.ndarray:
    """Fill up to whole blocks, so that a row's output does not depend on how many come along."""
    missing = -len(X) % _BLOCK
    return np.pad(X, [(0, missing), *[(0, 0)] * (X.ndim - 1)])
