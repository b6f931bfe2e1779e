"""The state of a model: everything that training changes."""

from __future__ import annotations

import keras
import numpy as np

__all__ = ["State", "state_of", "state_variables", "write_state"]

State = list[np.ndarray]


def state_variables(model: keras.Model) -> list[keras.Variable]:
    """Weights, moving statistics, seeds and the optimizer's own, in this order."""
    return [*model.variables, *model.optimizer.variables]


def state_of(model: keras.Model) -> State:
    """Read the state of a model."""
    return [variable.numpy() for variable in state_variables(model)]


def write_state(model: keras.Model, state: State) -> None:
    """Write a state back into a model."""
    for variable, value in zip(state_variables(model), state, strict=True):
        variable.value.assign(value, read_value=False)
