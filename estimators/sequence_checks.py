"""From what a caller passes as sequences to a checked array of rows, steps and channels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import issparse

from estimators.data_checks import DataChecks, every_nth

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["SequenceChecks", "n_steps_of"]


class SequenceChecks(DataChecks):
    """An estimator whose rows are sequences: arrays of steps and channels, or the same flat."""

    _finite = "allow-nan"
    _takes, _or_else = "numbers", ""

    def _encoded(self, X: Any, *, reset: bool) -> Any:
        """Flatten an array of three axes, as scikit-learn knows tables only."""
        array = _sequences(X)
        if reset:
            if array is not None and self.n_steps not in (None, array.shape[1]):
                raise ValueError(
                    f"X has {array.shape[1]} steps, but n_steps={self.n_steps}: leave n_steps at "
                    "None for an array of three axes."
                )
            self.n_steps_ = self.n_steps if array is None else array.shape[1]
        elif array is not None:
            array = self._filled_up(array)
        return X if array is None else array.reshape(len(array), array.shape[1] * array.shape[2])

    def _filled_up(self, array: NDArray[Any]) -> NDArray[Any]:
        """Pad sequences to the number of steps seen in fit."""
        _, n_steps, n_channels = array.shape
        if n_steps > self.n_steps_ or n_channels != self.n_channels_:
            raise ValueError(
                f"X has {n_steps} steps of {n_channels} channels, but {type(self).__name__} is "
                f"expecting {self.n_steps_} steps, or fewer, of {self.n_channels_}, as in fit: "
                "cut the sequences, and pass the same channels."
            )
        if n_steps == self.n_steps_:
            return array
        room = [(0, 0), (0, self.n_steps_ - n_steps), (0, 0)]
        return np.pad(array.astype("float32"), room, constant_values=np.nan)

    def _shaped(self, X: NDArray[Any], *, reset: bool) -> NDArray[Any]:
        n_columns = X.shape[1]
        if reset:
            self.n_steps_ = self.n_steps_ or n_columns
            if n_columns % self.n_steps_:
                raise ValueError(
                    f"X has {n_columns} columns, which are not the same number for each of "
                    f"n_steps={self.n_steps_}: set n_steps to a divisor of {n_columns}."
                )
            self.n_channels_ = n_columns // self.n_steps_
        sequences = X.reshape(-1, self.n_steps_, self.n_channels_)
        _check_padding(sequences)
        return sequences

    def _describe(self, X: NDArray[Any], variants: Iterable[Mapping[str, Any]]) -> NDArray[Any]:
        steps = every_nth(X).reshape(-1, self.n_channels_)
        present: NDArray[Any] = steps[~np.isnan(steps).any(axis=1)]
        return present

    @property
    def _input_shape(self) -> tuple[int, ...]:
        return self.n_steps_, self.n_channels_

    @property
    def _feature_schema(self) -> None:
        return None

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        return tags


def n_steps_of(X: Any) -> int | None:
    """The number of steps of an array of three axes; None of what is none."""
    array = _sequences(X)
    return None if array is None else array.shape[1]


def _sequences(X: Any) -> NDArray[Any] | None:
    """An array of three axes; None of what is none."""
    if getattr(X, "ndim", None) == 1 and X.dtype == object:
        X = list(X)  # of arrays, one a sequence
    if issparse(X) or getattr(X, "ndim", 3) < 3:
        return None
    try:
        array = np.asarray(X)
    except ValueError as error:
        raise ValueError(
            "X holds sequences of different shapes: make it an array of rows, steps and channels, "
            "in which nan fills up shorter sequences at their end."
        ) from error
    if array.ndim > 3:
        raise ValueError(
            f"X has {array.ndim} axes, but sequences have three, of rows, steps and channels: put what "
            "belongs to a step side by side, as channels."
        )
    return array if array.ndim == 3 else None


def _check_padding(X: NDArray[Any]) -> None:
    """Refuse nan but in whole steps at the end of a sequence that has one step or more."""
    missing = np.isnan(X)
    if not missing.any():
        return
    padding = missing.all(axis=2)
    is_wrong = (missing.any(axis=2) != padding).any(axis=1) | padding[:, 0]
    is_wrong |= (padding[:, :-1] & ~padding[:, 1:]).any(axis=1)
    if is_wrong.any():
        raise ValueError(
            f"Input X contains NaN that is no padding, first in row {int(is_wrong.argmax())}: nan "
            "may only fill whole steps at the end of a sequence, after one step or more. Fill "
            "gaps with an imputer."
        )
