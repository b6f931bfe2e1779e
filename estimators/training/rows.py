"""Rows of data as the network sees them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

__all__ = ["Rows"]


class Rows(NamedTuple):
    """Input, target and weight of some rows.

    Attributes
    ----------
    X : ndarray of shape (n_rows, n_features), float32
    y : ndarray of shape (n_rows, n_outputs), float32
    sample_weight : ndarray of shape (n_rows,), float32, or None
        None weighs all rows alike.
    """

    X: np.ndarray
    y: np.ndarray
    sample_weight: np.ndarray | None = None

    def take(self, positions: np.ndarray) -> Rows:
        """The rows at some positions."""
        weight = None if self.sample_weight is None else self.sample_weight[positions]
        return Rows(self.X[positions], self.y[positions], weight)

    @property
    def arrays(self) -> tuple[np.ndarray, ...]:
        """The arrays, in Keras' order, without a weight that is None."""
        return tuple(array for array in self if array is not None)
