"""A network with its weights frozen, whose outputs are one call."""

from __future__ import annotations

import math
from typing import Any

import keras
import tensorflow as tf
from numpy.typing import NDArray

from estimators._tensorflow import (
    buffers_of,
    built_graph,
    quick_session,
    session_call,
    variable_reader,
)
from estimators.configuration import n_threads

__all__ = ["FrozenNetwork"]

_LARGEST = 2**26  # bytes of weights; a graph may not have 2 GiB, and long calls gain nothing


class FrozenNetwork:
    """The outputs of a network, by a graph with its weights as constants.

    Eager calls pass through Python layer by layer, and those of recurrent networks step by step,
    for some milliseconds each. This is the same operations in one call, with the same outputs to
    the bit.

    Parameters
    ----------
    model : keras.Model
        With one input and one output, of float32.
    rows_at_once : int
        As many rows as one call should be given.
    """

    def __init__(self, model: keras.Model, rows_at_once: int):
        self.rows_at_once = rows_at_once
        self._read = variable_reader(_variables(model))
        self._values = self._read()  # held, so that what writes to a weight moves it
        self._buffers = buffers_of(self._values)
        values = [value.numpy() for value in self._values]
        n_trainable = len(model.trainable_variables)
        trainable, rest = values[:n_trainable], values[n_trainable:]

        def outputs_of(X: tf.Tensor) -> tf.Tensor:
            return model.stateless_call(trainable, rest, X, training=False)[0]

        signature = tf.TensorSpec((None, *model.input_shape[1:]), tf.float32)
        inputs, outputs = built_graph(outputs_of, signature)
        self._session = quick_session(inputs.graph, n_threads())
        self._call: Any = session_call(self._session, [inputs], [outputs], in_caller=True)

    @staticmethod
    def suits(model: keras.Model) -> bool:
        """Whether a network can be frozen: one for rows or sequences, with weights, not too large."""
        shapes = model.input_shape, model.output_shape
        is_plain = all(isinstance(shape, tuple) and len(shape) in (2, 3) for shape in shapes)
        size = sum(4 * math.prod(each.shape) for each in _variables(model))
        return is_plain and 0 < size <= _LARGEST

    def is_current(self) -> bool:
        """Whether the weights of the network are still those that were frozen."""
        return buffers_of(self._read()) == self._buffers

    def __call__(self, X: NDArray[Any]) -> NDArray[Any]:
        """Outputs of rows, which are float32."""
        outputs: NDArray[Any] = self._call(X)[0]
        return outputs

    def __del__(self) -> None:
        if hasattr(self, "_session"):
            self._call = None  # if there is one: making it may have been interrupted
            self._session.close()


def _variables(model: keras.Model) -> list[tf.Variable]:
    return [each.value for each in [*model.trainable_variables, *model.non_trainable_variables]]
