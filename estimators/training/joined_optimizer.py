"""An optimizer over vectors joined to one: fewer and larger operations, the same update."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, islice

import keras
import tensorflow as tf
from keras.src.backend.tensorflow.optimizer import TFOptimizer
from keras.src.optimizers.base_optimizer import BaseOptimizer

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
    variables : list of keras.Variable
        What it was built for.
    """

    def __init__(self, optimizer: keras.optimizers.Optimizer, variables: Sequence[keras.Variable]):
        self._apart = [index for index, each in enumerate(variables) if len(each.shape) > 1]
        self._joined = [index for index, each in enumerate(variables) if len(each.shape) <= 1]
        self._sizes = [variables[index].shape[0] for index in self._joined]
        references = [variables[index] for index in self._apart]
        if self._joined:
            references.append(keras.Variable("zeros", shape=(sum(self._sizes),), name="joined"))
        self._n_variables, self._n_joined = len(variables), len(references)
        kind = type(optimizer)
        self._optimizer = type(kind.__name__, (kind, _Pure), {}).from_config(optimizer.get_config())
        self._optimizer.build(references)

    def set(self, name: str, value: tf.Tensor) -> None:
        """Set an attribute of the optimizer to a value that is known at run time."""
        setattr(self._optimizer, name, RunTimeValue(value))

    def join(self, tensors: Tensors) -> Tensors:
        """Put the vectors among one tensor a variable into one."""
        apart = [tensors[index] for index in self._apart]
        return [*apart, tf.concat([tensors[i] for i in self._joined], 0)] if self._joined else apart

    def split(self, tensors: Tensors) -> Tensors:
        """Undo :meth:`join`."""
        parts = dict(zip(self._apart, tensors, strict=False))
        if self._joined:
            parts |= zip(self._joined, tf.split(tensors[-1], self._sizes), strict=True)
        return [parts[index] for index in range(self._n_variables)]

    def join_state(self, state: Tensors) -> Tensors:
        """Join the optimizer's own variables."""
        return self._by_block(self.join, state, self._n_variables)

    def split_state(self, state: Tensors) -> Tensors:
        """Undo :meth:`join_state`."""
        return self._by_block(self.split, state, self._n_joined)

    def _by_block(self, change, state: Tensors, n_variables: int) -> Tensors:
        """Change those variables of the optimizer that belong to variables of the model.

        Their blocks hold, for each variable of the model, one tensor a name.
        """
        left = iter(state)
        result: Tensors = []
        end = 0
        for start, n_names in getattr(self._optimizer, "blocks", []):
            result += islice(left, start - end)
            block = list(islice(left, n_variables * n_names))
            changed = [change(block[name::n_names]) for name in range(n_names)]
            result += chain(*zip(*changed, strict=True))
            end = start + self._n_joined * n_names
        return [*result, *left]

    def __call__(
        self, state: Tensors, gradients: Tensors, values: Tensors
    ) -> tuple[Tensors, Tensors]:
        """Update joined values by gradients that are not joined.

        Returns
        -------
        values, state : list of tf.Tensor
            Joined, as they came.
        """
        clipped = BaseOptimizer._clip_gradients(self._optimizer, gradients)
        return self._optimizer.stateless_apply(state, self.join(clipped), values)
