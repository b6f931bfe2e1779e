"""An optimizer over vectors joined to one: fewer and larger operations, the same update."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf
from keras.src.backend.tensorflow.optimizer import TFOptimizer
from keras.src.optimizers.base_optimizer import BaseOptimizer

from estimators.training.layout import Joint
from estimators.training.run_time_value import RunTimeValue

__all__ = ["JoinedOptimizer"]

Tensors = list[tf.Tensor]


class _Pure(TFOptimizer):
    """A Keras optimizer without ``tf.distribute``, which keeps what it traced in memory.

    Gradients are clipped before they are joined, for the norm of each variable counts.
    """

    assign = BaseOptimizer.assign
    assign_add = BaseOptimizer.assign_add
    assign_sub = BaseOptimizer.assign_sub
    stateless_apply = BaseOptimizer.stateless_apply
    add_variable_from_reference = BaseOptimizer.add_variable_from_reference
    _apply_weight_decay = BaseOptimizer._apply_weight_decay
    _backend_update_step = BaseOptimizer._backend_update_step
    _var_key = BaseOptimizer._var_key

    def add_optimizer_variables(self, trainable_variables, name, initializer="zeros"):
        n_names = 1 if isinstance(name, str) else len(name)
        vars(self).setdefault("blocks", []).append((len(self.variables), n_names))
        return super().add_optimizer_variables(trainable_variables, name, initializer)

    def _clip_gradients(self, grads):
        return grads


class JoinedOptimizer:
    """The update of a Keras optimizer as a pure function, all vectors of a model being one.

    Every optimizer that the estimators name treats each element by itself, so that joining
    changes nothing. A program of one update instead of one for each bias, offset and scale is
    much quicker to compile.

    Parameters
    ----------
    optimizer : keras.optimizers.Optimizer
        Built; it is not changed.
    joint : Joint
        Which weights are joined.

    Attributes
    ----------
    blocks : list of (int, int)
        See :class:`estimators.training.layout.StateLayout`.
    variables : list of keras.Variable
    """

    def __init__(self, optimizer: keras.optimizers.Optimizer, joint: Joint):
        self._joint = joint
        kind = type(optimizer)
        pure: Any = type(kind.__name__, (kind, _Pure), {})
        self._optimizer = pure.from_config(optimizer.get_config())
        self._optimizer.build(
            [keras.Variable("zeros", shape=shape, name="weight") for shape in joint.shapes]
        )
        self.blocks: list[tuple[int, int]] = getattr(self._optimizer, "blocks", [])
        self.variables = self._optimizer.variables

    def set(self, name: str, value: tf.Tensor) -> None:
        """Set an attribute of the optimizer to a value that is known at run time."""
        setattr(self._optimizer, name, RunTimeValue(value))

    def __call__(
        self, gradients: Tensors, weights: Tensors, own: Tensors
    ) -> tuple[Tensors, Tensors]:
        """Update joined weights, and the optimizer's own variables.

        Parameters
        ----------
        gradients : list of tf.Tensor
            One a weight, not joined.
        weights, own : list of tf.Tensor

        Returns
        -------
        weights, own : list of tf.Tensor
        """
        clipped = BaseOptimizer._clip_gradients(self._optimizer, gradients)
        joined = self._joint.join(clipped, tf.concat)
        return self._optimizer.stateless_apply(own, joined, weights)
