"""Outputs of a trained network."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf

from estimators.configuration import prepare

__all__ = ["predict_in_batches"]

_ROWS_AT_ONCE = 8192
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
    chunks = [
        model(tf.constant(_padded(X[start : start + _ROWS_AT_ONCE])), training=False).numpy()
        for start in range(0, len(X), _ROWS_AT_ONCE)
    ]
    return np.concatenate(chunks)[: len(X)]


def _padded(X: np.ndarray) -> np.ndarray:
    """Fill up to whole blocks, so that a row's output does not depend on how many come along."""
    missing = -len(X) % _BLOCK
    return np.pad(X, [(0, missing), *[(0, 0)] * (X.ndim - 1)])
