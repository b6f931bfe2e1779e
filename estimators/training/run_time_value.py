"""Hyperparameters whose values a compiled program is given when it runs."""

from __future__ import annotations

import operator
from collections.abc import Iterator
from typing import Any

import keras
import tensorflow as tf

from estimators.layers import AlphaDropout, Dropout, LeakyReLU

__all__ = ["RunTimeValue", "run_time_parameters"]

# Attributes that Keras only calculates with, once Python knows that they are set at all.
_LAYER_PARAMETERS: dict[type[keras.layers.Layer], tuple[str, ...]] = {
    Dropout: ("rate",),
    AlphaDropout: ("rate",),
    LeakyReLU: ("negative_slope",),
}
_OPTIMIZER_PARAMETERS = ("momentum", "weight_decay", "clipnorm", "clipvalue", "global_clipnorm")


def run_time_parameters(model: keras.Model) -> Iterator[tuple[Any, str]]:
    """List what may vary without a new program: pairs of a layer or the optimizer and attribute.

    Those that are not set (None or 0) are left out, for Keras builds another computation then.
    The learning rate is not among them: it is one of the optimizer's variables.
    """
    yield from run_time_layer_parameters(model)
    yield from run_time_optimizer_parameters(model.optimizer)


def run_time_layer_parameters(model: keras.Model) -> Iterator[tuple[keras.layers.Layer, str]]:
    """List those of the layers, which come first."""
    for layer in model.layers:
        for name in _LAYER_PARAMETERS.get(type(layer), ()):
            if getattr(layer, name):
                yield layer, name


def run_time_optimizer_parameters(
    optimizer: keras.optimizers.Optimizer,
) -> Iterator[tuple[keras.optimizers.Optimizer, str]]:
    """List those of the optimizer."""
    for name in _OPTIMIZER_PARAMETERS:
        if getattr(optimizer, name, None):
            yield optimizer, name


class RunTimeValue:
    """A positive number that is known when a program runs, but not when it is traced.

    It takes the place of a Python number in a layer or optimizer while that is traced: arithmetic
    goes to the tensor behind it; it is above 0 and equal to no constant.

    Parameters
    ----------
    tensor : tf.Tensor
        A scalar.
    """

    def __init__(self, tensor: tf.Tensor):
        self.tensor = tensor
        self.dtype = tensor.dtype.name
        self.shape = tensor.shape

    def __tf_tensor__(self, dtype=None, name=None) -> tf.Tensor:
        return self.tensor if dtype is None else tf.cast(self.tensor, dtype)

    def __bool__(self) -> bool:
        return True

    def __gt__(self, other) -> bool:
        return self._beyond(other)

    def __ge__(self, other) -> bool:
        return self._beyond(other)

    def __eq__(self, other) -> bool:
        return self is other

    def __ne__(self, other) -> bool:
        return self is not other

    def __neg__(self) -> tf.Tensor:
        return -self.tensor

    __hash__ = object.__hash__

    @staticmethod
    def _beyond(other) -> bool:
        if other != 0:
            raise TypeError(f"Whether a run-time value is above {other} is not known.")
        return True


def _delegate(name: str):
    calculate = getattr(operator, name.strip("_"))
    reflected = f"__r{name.strip('_')}__"

    def forward(self, other):
        return calculate(self.tensor, other)

    def backward(self, other):
        return calculate(tf.cast(other, self.tensor.dtype), self.tensor)

    setattr(RunTimeValue, name, forward)
    setattr(RunTimeValue, reflected, backward)


for _name in ("__add__", "__sub__", "__mul__", "__truediv__", "__pow__"):
    _delegate(_name)
