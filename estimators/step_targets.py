"""Targets of each step of sequences as the network sees them, and back."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd

from estimators.targets import ClassTarget, ValueTarget, check_numbers

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["StepClassTarget", "StepTarget", "StepValueTarget", "masked_targets", "real_targets"]


def masked_targets(y: Any, present: NDArray[Any], *, numeric: bool) -> NDArray[Any]:
    """Check targets by step, and mask those of padded steps.

    Parameters
    ----------
    y : array-like of shape (n_rows, n_steps) or (n_rows, n_steps, n_outputs)
        Perhaps of fewer steps, where all sequences end before. Whatever stands in padded steps
        is not looked at.
    present : ndarray of shape (n_rows, n_steps), bool
        Which steps are real.
    numeric : bool
        Whether targets are numbers.

    Returns
    -------
    MaskedArray of shape (n_rows, n_steps) or (n_rows, n_steps, n_outputs)

    Raises
    ------
    ValueError
        If the shape is another one, or a real step has no target.
    """
    values = _array(y)
    n_rows, n_steps = present.shape
    if values.ndim not in (2, 3) or len(values) != n_rows or values.shape[1] > n_steps:
        raise ValueError(
            f"return_sequences=True wants a target for each step, y of shape ({n_rows}, {n_steps}) "
            f"or ({n_rows}, {n_steps}, n_outputs) here. Got shape {values.shape}: pass one for each "
            "step, or set return_sequences=False for one a row."
        )
    if numeric:
        check_numbers(values)
        values = values.astype("float64")
    n_given = values.shape[1]
    lacking = np.ones(present.shape, bool)
    lacks = ~np.isfinite(values) if values.dtype.kind == "f" else pd.isna(values)
    lacking[:, :n_given] = lacks.reshape(n_rows, n_given, -1).any(axis=2)
    lacking &= present
    if lacking.any():
        row, step = np.argwhere(lacking)[0].tolist()
        raise ValueError(
            f"y has no finite target for step {step} of row {row}, which holds values in X: fill "
            "it in, or end the sequence before it, with nan in X."
        )
    room = [(0, 0), (0, n_steps - n_given), *[(0, 0)] * (values.ndim - 2)]
    values = np.pad(values, room, mode="edge")
    padding = ~present.reshape(*present.shape, *[1] * (values.ndim - 2))
    masked: NDArray[Any] = np.ma.MaskedArray(values, np.broadcast_to(padding, values.shape))
    return masked


def _array(y: Any) -> NDArray[Any]:
    try:
        return np.asarray(y)
    except ValueError as error:
        raise ValueError(
            "return_sequences=True wants a y of one array, (n_rows, n_steps), but its rows differ in "
            "length: fill the shorter ones up at their end, with whatever value."
        ) from error


def real_targets(y: NDArray[Any]) -> NDArray[Any]:
    """Say which steps of masked targets are real, of shape (n_rows, n_steps)."""
    real: NDArray[Any] = ~np.ma.getmaskarray(y)
    return real if real.ndim == 2 else real[..., 0]


class StepTarget:
    """Mixin of an encoder: it learns from all real steps, and encodes and decodes each."""

    def fit(self, y: NDArray[Any]) -> Self:
        """Learn from the targets of all real steps."""
        real = real_targets(y)
        return super().fit(np.asarray(y)[real])  # type: ignore[misc,no-any-return]

    def update(self, y: NDArray[Any]) -> None:
        """Take note of further targets."""
        super().update(np.asarray(y)[real_targets(y)])  # type: ignore[misc]

    def transform(self, y: NDArray[Any]) -> NDArray[Any]:
        """Turn targets into those of the network, 0 in padded steps.

        Returns
        -------
        ndarray of shape (n_rows, n_steps, n_outputs), float32
        """
        real = real_targets(y)
        encoded = super().transform(np.asarray(y)[real])  # type: ignore[misc]
        targets = np.zeros((*real.shape, encoded.shape[1]), "float32")
        targets[real] = encoded
        return targets


def _by_step(decode: Callable[[NDArray[Any]], NDArray[Any]], outputs: NDArray[Any]) -> NDArray[Any]:
    """Decode the outputs of all steps as if each were a row."""
    n_rows, n_steps, n_outputs = outputs.shape
    decoded = decode(outputs.reshape(-1, n_outputs))
    return decoded.reshape(n_rows, n_steps, *decoded.shape[1:])


class StepClassTarget(StepTarget, ClassTarget):
    """Class labels of each step: binary, multiclass or, in a third axis, multilabel.

    See :class:`estimators.targets.ClassTarget`. Outputs of padded steps are nan.
    """

    def probabilities(self, outputs: NDArray[Any]) -> NDArray[Any]:
        """Probabilities, of shape (n_rows, n_steps, n_classes); nan in padded steps."""
        return _by_step(super().probabilities, outputs)

    def decisions(self, outputs: NDArray[Any]) -> NDArray[Any]:
        """Log odds or log probabilities by step; nan in padded steps."""
        return _by_step(super().decisions, outputs)

    def labels(self, outputs: NDArray[Any]) -> NDArray[Any]:
        """Labels, of shape (n_rows, n_steps); in padded steps that of the last real step."""
        missing = np.isnan(outputs)
        last = np.count_nonzero(~missing[..., 0], axis=1) - 1
        of_last = outputs[np.arange(len(outputs)), last][:, None]
        return _by_step(super().labels, np.where(missing, of_last, outputs))


class StepValueTarget(StepTarget, ValueTarget):
    """Numbers of each step: one, or in a third axis several.

    See :class:`estimators.targets.ValueTarget`. Outputs of padded steps are nan.
    """

    def values(self, outputs: NDArray[Any]) -> NDArray[Any]:
        """Values of shape (n_rows, n_steps) or (n_rows, n_steps, n_outputs), nan in padding."""
        return _by_step(super().values, outputs)
