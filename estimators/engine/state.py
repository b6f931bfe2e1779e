"""The state of training: from a model and its Keras optimizer to a program's, and back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

import keras
import numpy as np
from numpy.typing import NDArray

from estimators.engine.updates import FusedWeights, OptimizerState, Update

__all__ = ["State", "StateLayout"]

Arrays = list[NDArray[Any]]


class State(NamedTuple):
    """Everything that training changes.

    Attributes
    ----------
    weights : list
        The trained ones, fused.
    others : list
        Moving statistics and counters of random layers.
    optimizer : OptimizerState
    averages : list
        Means of the weights over the steps; empty where there are none.
    """

    weights: list[Any]
    others: list[Any]
    optimizer: OptimizerState
    averages: list[Any]

    @property
    def evaluated(self) -> list[Any]:
        """The weights, fused, that are evaluated and kept."""
        return self.averages or self.weights


class StateLayout:
    """The order of a state's arrays.

    Parameters
    ----------
    trained : sequence of bool
        Of each of a model's variables whether it is trained.
    fused : FusedWeights
    update : Update
    averages : bool
        Whether there are means of the weights.

    Attributes
    ----------
    averages : bool
    """

    def __init__(
        self, trained: Sequence[bool], fused: FusedWeights, update: Update, *, averages: bool
    ):
        self._trained = [index for index, is_trained in enumerate(trained) if is_trained]
        self._others = [index for index, is_trained in enumerate(trained) if not is_trained]
        self._fused = fused
        self._groups = update.slot_groups
        self._slot_names = update.slot_names
        self._scalar_names = update.scalar_names
        self.averages = averages

    def flat(self, state: State) -> list[Any]:
        """List the arrays of a state."""
        count, scalars, slots = state.optimizer
        return [
            *state.weights,
            *state.others,
            count,
            *(scalars[name] for name in self._scalar_names),
            *(each for name in self._slot_names for each in slots[name]),
            *state.averages,
        ]

    def nested(self, arrays: Sequence[Any]) -> State:
        """Make a state of the list of its arrays."""
        left = iter(arrays)
        n_weights = len(self._fused.shapes)
        return State(
            list(islice(left, n_weights)),
            list(islice(left, len(self._others))),
            OptimizerState(
                next(left),
                {name: next(left) for name in self._scalar_names},
                {name: list(islice(left, n_weights)) for name in self._slot_names},
            ),
            list(left),
        )

    def read(self, model: keras.Model, before: Sequence[Any] = ()) -> Arrays:
        """Read the state of a model with its optimizer, as a list of arrays.

        Means of the weights, which no model has, are those of the state ``before``, if there is
        one, and else the weights.
        """
        values = [variable.numpy() for variable in model.variables]
        optimizer = _OptimizerVariables(model.optimizer)
        slots: dict[str, list[Any]] = {}
        for group in self._groups:
            block = optimizer.take(self._fused.n_weights * len(group))
            for place, name in enumerate(group):
                own = [variable.numpy() for variable in block[place :: len(group)]]
                slots[name] = self._fused.fuse(own)
        scalars = {
            name: variable.numpy()
            for name, variable in zip(self._scalar_names, optimizer.rest(), strict=True)
        }
        weights = self._fused.fuse([values[index] for index in self._trained])
        averages = self.nested(before).averages if before else weights
        state = State(
            weights,
            [values[index] for index in self._others],
            OptimizerState(optimizer.count.numpy(), scalars, slots),
            averages if self.averages else [],
        )
        return [np.asarray(array) for array in self.flat(state)]

    def write(self, model: keras.Model, arrays: Sequence[Any]) -> None:
        """Write a state, a list of arrays, into a model and its optimizer."""
        state = self.nested(arrays)
        for variable, value in self._network_values(model, state):
            _assign(variable, value)
        optimizer = _OptimizerVariables(model.optimizer)
        _assign(optimizer.count, state.optimizer.count)
        for group in self._groups:
            block = optimizer.take(self._fused.n_weights * len(group))
            for place, name in enumerate(group):
                own = self._fused.split(state.optimizer.slots[name])
                for variable, value in zip(block[place :: len(group)], own, strict=True):
                    _assign(variable, value)
        for name, variable in zip(self._scalar_names, optimizer.rest(), strict=True):
            _assign(variable, state.optimizer.scalars[name])

    def write_weights(self, model: keras.Model, arrays: Sequence[Any]) -> None:
        """Write what was evaluated, weights and moving statistics, into a model; nothing else."""
        weights = {id(variable) for variable in model.weights}
        state = self.nested(arrays)
        for variable, value in self._network_values(model, state._replace(weights=state.evaluated)):
            if id(variable) in weights:
                _assign(variable, value)

    def _network_values(
        self, model: keras.Model, state: State
    ) -> Iterator[tuple[keras.Variable, Any]]:
        """Yield the variables of a model with their values in a state."""
        variables = model.variables
        for index, value in zip(self._trained, self._fused.split(state.weights), strict=True):
            yield variables[index], value
        for index, value in zip(self._others, state.others, strict=True):
            yield variables[index], value


class _OptimizerVariables:
    """The variables of a Keras optimizer, in the order in which Keras makes them."""

    def __init__(self, optimizer: keras.optimizers.Optimizer):
        self.count, *rest = optimizer.variables
        if rest and rest[0] is optimizer.learning_rate:  # no schedule
            rest = rest[1:]
        self._left: Iterator[keras.Variable] = iter(rest)

    def take(self, n: int) -> list[keras.Variable]:
        return list(islice(self._left, n))

    def rest(self) -> list[keras.Variable]:
        return list(self._left)


def _assign(variable: keras.Variable, value: Any) -> None:
    variable.value.assign(value, read_value=False)
