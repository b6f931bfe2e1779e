"""Outputs of a trained network."""

from __future__ import annotations

import math
from collections.abc import Callable
from weakref import WeakKeyDictionary

import keras
import numpy as np
import tensorflow as tf

from estimators.configuration import prepare
from estimators.engine.frozen import FrozenNetwork
from estimators.remembered_outputs import outputs_for

__all__ = ["predict_in_batches"]

_ROWS_AT_ONCE = 8192
_VALUES_AT_ONCE = 2**24  # outputs of a layer: 64 MiB
_BLOCK = 8
_FREEZE_AFTER = 16  # calls; freezing takes about as long as these
_FREEZE_SEQUENCES_AFTER = 1  # for a call passes through Python once a step
_ROWS_IN_CACHE = 1024

# By network: how often it was called, or the frozen one.
_calls: WeakKeyDictionary[keras.Model, int | FrozenNetwork] = WeakKeyDictionary()


def predict_in_batches(model: keras.Model, X: np.ndarray) -> np.ndarray:
    """Outputs of a model, those of many calls by a graph in which its weights are frozen.

    A row has the same outputs to the bit, however often and with how many others it comes.

    Parameters
    ----------
    model : keras.Model
    X : ndarray of shape (n_rows, ...), float32

    Returns
    -------
    ndarray of shape (n_rows, n_outputs), float32
    """
    return outputs_for(model, X, _calculate)


def _calculate(model: keras.Model, X: np.ndarray) -> np.ndarray:
    prepare()
    frozen = _frozen(model)
    if frozen is not None:
        return _in_chunks(frozen, X, min(_ROWS_IN_CACHE, frozen.rows_at_once))
    return _in_chunks(
        lambda chunk: model(tf.constant(chunk), training=False).numpy(), X, _rows_at_once(model)
    )


def _frozen(model: keras.Model) -> FrozenNetwork | None:
    """The frozen network, once it was called so often with the weights that it has."""
    known = _calls.get(model, 0)
    if isinstance(known, FrozenNetwork):
        if known.is_current():
            return known
        known = 0
    _calls[model] = known + 1
    is_of_sequences = len(model.input_shape) == 3
    enough = _FREEZE_SEQUENCES_AFTER if is_of_sequences else _FREEZE_AFTER
    if known < enough or not FrozenNetwork.suits(model):
        return None
    frozen = FrozenNetwork(model, _rows_at_once(model))
    _calls[model] = frozen
    return frozen


def _in_chunks(outputs_of: Callable[[np.ndarray], np.ndarray], X: np.ndarray, n: int) -> np.ndarray:
    """Fill up to whole blocks, so that a row's output does not depend on how many come along."""
    n_rows = len(X)
    if missing := -n_rows % _BLOCK:
        filling = np.zeros((missing, *X.shape[1:]), X.dtype)
        X = np.concatenate([X, filling])
    if len(X) <= n:
        return outputs_of(X)[:n_rows]
    chunks = [outputs_of(X[start : start + n]) for start in range(0, len(X), n)]
    return np.concatenate(chunks)[:n_rows]


def _rows_at_once(model: keras.Model) -> int:
    """As many rows as have room in the memory, in whole blocks."""
    outputs = [each for layer in model.layers for each in keras.tree.flatten(layer.output)]
    widest: int = max(math.prod(size or 1 for size in each.shape[1:]) for each in outputs)
    n = min(_ROWS_AT_ONCE, _VALUES_AT_ONCE // widest)
    return max(_BLOCK, n - n % _BLOCK)
