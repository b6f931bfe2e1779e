"""The state as a compiled program keeps it: all vectors of a model joined to one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate, chain, islice, pairwise

import numpy as np

from estimators.training.state import State

__all__ = ["Joint", "StateLayout"]


class Joint:
    """Which of a model's weights are joined: biases, offsets, scales and learned slopes.

    Parameters
    ----------
    shapes : sequence of tuple of int
        Of the weights.
    """

    def __init__(self, shapes: Sequence[tuple[int, ...]]):
        self.n_weights = len(shapes)
        self._apart = [index for index, shape in enumerate(shapes) if len(shape) > 1]
        self._joined = [index for index, shape in enumerate(shapes) if len(shape) <= 1]
        self._bounds = list(accumulate((shapes[index][0] for index in self._joined), initial=0))
        self.shapes = [shapes[index] for index in self._apart]
        if self._joined:
            self.shapes.append((self._bounds[-1],))

    def join(self, values: Sequence, concatenate: Callable = np.concatenate) -> list:
        """Arrays of :attr:`shapes` from one array a weight."""
        apart = [values[index] for index in self._apart]
        if not self._joined:
            return apart
        return [*apart, concatenate([values[index] for index in self._joined], 0)]

    def split(self, values: Sequence) -> list:
        """One array a weight from arrays of :attr:`shapes`."""
        parts = dict(zip(self._apart, values, strict=False))
        for index, (begin, end) in zip(self._joined, pairwise(self._bounds), strict=True):
            parts[index] = values[-1][begin:end]
        return [parts[index] for index in range(self.n_weights)]


class StateLayout:
    """The way from a model's state to that of a program, and back.

    A program's state is the joined weights, then the model's other variables, then the
    optimizer's, those of the weights joined too.

    Parameters
    ----------
    joint : Joint
    trained, others : list of int
        Positions of the weights, and of the other variables of the model, in its state.
    blocks : list of (int, int)
        Where, among a program's variables of the optimizer, those of the weights begin; and how
        many there are for each weight.
    """

    def __init__(
        self,
        joint: Joint,
        trained: Sequence[int],
        others: Sequence[int],
        blocks: Sequence[tuple[int, int]],
    ):
        self._joint = joint
        self._trained = trained
        self._others = others
        self._blocks = blocks

    def enter(self, state: State) -> State:
        """The state of a program from that of a model."""
        own = state[len(self._trained) + len(self._others) :]
        return [
            *self._joint.join([state[position] for position in self._trained]),
            *(state[position] for position in self._others),
            *self._by_block(self._joint.join, own, self._joint.n_weights),
        ]

    def parts(self, state: Sequence) -> tuple[list, list, list]:
        """Joined weights, other variables, and the optimizer's, of a program's state."""
        left = iter(state)
        return (
            list(islice(left, len(self._joint.shapes))),
            list(islice(left, len(self._others))),
            list(left),
        )

    def leave(self, state: State) -> State:
        """The state of a model from that of a program."""
        joined, others, own = self.parts(state)
        of_model = dict(zip(self._trained, self._joint.split(joined), strict=True))
        of_model |= zip(self._others, others, strict=True)
        return [
            *(of_model[position] for position in range(len(of_model))),
            *self._by_block(self._joint.split, own, len(self._joint.shapes)),
        ]

    def _by_block(self, change: Callable, own: Sequence, n_weights: int) -> list:
        left = iter(own)
        result: list = []
        end = 0
        for start, n_names in self._blocks:
            result += islice(left, start - end)
            block = list(islice(left, n_weights * n_names))
            changed = [change(block[name::n_names]) for name in range(n_names)]
            result += chain(*zip(*changed, strict=True))
            end = start + len(self._joint.shapes) * n_names
        return [*result, *left]
