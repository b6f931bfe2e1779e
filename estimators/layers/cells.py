"""Recurrent cells: what a step does with a product of the input, one of the state, and the state."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import tensorflow as tf

__all__ = ["CELLS", "Cell", "Normalization", "normalized"]

Function: TypeAlias = Callable[[Any], Any]
States: TypeAlias = Sequence[Any]

_EPSILON = 1e-3  # as keras.layers.LayerNormalization has it


def normalized(X: tf.Tensor, scale: tf.Tensor) -> tf.Tensor:
    """Bring each row to mean 0 and deviation 1, and multiply by a scale."""
    mean = tf.reduce_mean(X, axis=-1, keepdims=True)
    centered = X - mean
    variance = tf.reduce_mean(tf.square(centered), axis=-1, keepdims=True)
    return centered * tf.math.rsqrt(variance + _EPSILON) * scale


@dataclass(frozen=True)
class Normalization:
    """Scales and offset of layer normalization inside a cell.

    Attributes
    ----------
    scale : tf.Tensor of shape (n_gates * units,)
        Of the product that the cell gets of its state; in a simple cell of both products' sum.
    state_scale : tf.Tensor of shape (units,), or None
        Of what a cell keeps beside its output, if there is any.
    offset : tf.Tensor of shape (units,)
        Added to that; in a simple cell to the sum.
    """

    scale: tf.Tensor
    offset: tf.Tensor | None = None
    state_scale: tf.Tensor | None = None


Step: TypeAlias = Callable[[Any, Any, States, Function, Normalization | None], list[Any]]


@dataclass(frozen=True)
class Cell:
    """A kind of cell.

    Attributes
    ----------
    n_gates : int
        How many times as wide as the output the products are.
    n_states : int
        Arrays that are handed from step to step; the first is the output.
    step : callable
        From the input's product (bias included), the state's product (with a bias of its own, in
        a gated recurrent unit), the states, the activation and a normalization, which may be
        None, to the next states.
    normalizes_sum : bool
        Whether layer normalization is one of both products' sum, not of each by itself.
    """

    n_gates: int
    n_states: int
    step: Step
    normalizes_sum: bool = False


def _simple(
    of_input: Any, of_state: Any, states: States, activation: Function, norm: Normalization | None
) -> list[Any]:
    total = of_input + of_state
    if norm is not None:
        total = normalized(total, norm.scale) + norm.offset
    return [activation(total)]


def _lstm(
    of_input: Any, of_state: Any, states: States, activation: Function, norm: Normalization | None
) -> list[Any]:
    if norm is not None:
        of_state = normalized(of_state, norm.scale)
    into, kept, candidate, out = tf.split(of_input + of_state, 4, axis=-1)
    memory = tf.sigmoid(kept) * states[1] + tf.sigmoid(into) * activation(candidate)
    seen = memory
    if norm is not None:
        seen = normalized(memory, norm.state_scale) + norm.offset
    return [tf.sigmoid(out) * activation(seen), memory]


def _gru(
    of_input: Any, of_state: Any, states: States, activation: Function, norm: Normalization | None
) -> list[Any]:
    if norm is not None:
        of_state = normalized(of_state, norm.scale)
    kept, reset, candidate = tf.split(of_input, 3, axis=-1)
    also_kept, also_reset, before = tf.split(of_state, 3, axis=-1)
    candidate = activation(candidate + tf.sigmoid(reset + also_reset) * before)
    share = tf.sigmoid(kept + also_kept)
    return [share * states[0] + (1 - share) * candidate]


CELLS: dict[str, Cell] = {
    "simple": Cell(1, 1, _simple, normalizes_sum=True),
    "lstm": Cell(4, 2, _lstm),
    "gru": Cell(3, 1, _gru),
}
