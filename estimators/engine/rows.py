"""Rows of data as the network sees them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["PaddedRows", "Rows", "real_steps"]

Array = NDArray[Any]

_ALIGNMENT = 64  # what TensorFlow takes over without a copy


def real_steps(sequences: Array) -> Array:
    """Say which steps hold values, of shape (n_rows, n_steps): those that are not all nan.

    As :func:`estimators.layers.real_steps`, of an array of shape (n_rows, n_steps, n_channels).
    """
    real: Array = ~np.all(np.isnan(sequences), axis=2)
    return real


class Rows(NamedTuple):
    """Input, target and weight of some rows.

    Attributes
    ----------
    X : ndarray of shape (n_rows, ...), float32
    y : ndarray of shape (n_rows, n_outputs), or by step (n_rows, n_steps, n_outputs), float32
    sample_weight : ndarray of shape (n_rows,), or by step (n_rows, n_steps), float32, or None
        None weighs all rows alike.
    """

    X: Array
    y: Array
    sample_weight: Array | None = None

    def take(self, positions: Array) -> Rows:
        """Return the rows at some positions."""
        weight = None if self.sample_weight is None else self.sample_weight[positions]
        return Rows(self.X[positions], self.y[positions], weight)

    @property
    def arrays(self) -> tuple[Array, ...]:
        """The arrays, in Keras' order, without a weight that is None."""
        return tuple(array for array in self if array is not None)

    @property
    def n_bytes(self) -> int:
        """Bytes that the rows take in memory."""
        return sum(array.nbytes for array in self.arrays)


class PaddedRows(NamedTuple):
    """Rows with room for some more, in memory that TensorFlow reads where it is.

    Attributes
    ----------
    X, y, sample_weight : ndarray, float32
        Rows beyond ``n_rows`` are padding; without weights ``sample_weight`` is empty.
    n_rows : ndarray, int32
        A scalar.
    """

    X: Array
    y: Array
    sample_weight: Array
    n_rows: Array

    @classmethod
    def of(cls, rows: Rows, room: int) -> PaddedRows:
        """Copy rows to where there is room for ``room`` rows."""
        weight = rows.sample_weight
        return cls(
            _padded(rows.X, room),
            _padded(rows.y, room),
            np.empty(0, "float32") if weight is None else _padded(weight, room),
            np.array(len(rows.X), "int32"),
        )


def _padded(array: Array, room: int) -> Array:
    shape = (room, *array.shape[1:])
    size = 4 * int(np.prod(shape))
    memory = np.zeros(size + _ALIGNMENT, "uint8")
    begin = -memory.ctypes.data % _ALIGNMENT
    padded = memory[begin : begin + size].view("float32").reshape(shape)
    padded[: len(array)] = array
    return padded
