"""Figures of the learning curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["CurveFigures"]

_SWING = 0.03  # AutoTrainer's, of a loss that is 1 for a constant
_FIFTH = 5


@dataclass(frozen=True)
class CurveFigures:
    """What the loss by epoch says, in units of the loss of the best constant.

    Attributes
    ----------
    n_epochs : int
    first, last, least, worst : float
        Training loss of the first and of the last epoch, the smallest and the largest one.
    fall : float
        By how much the loss fell from the last but one fifth of the epochs to the last one, mean
        against mean: that of the validation rows where there are some, else that of the training
        rows. A fifth is an epoch at least.
    falls_by : float
        The same as a share of the loss before.
    swings : float
        Share of the epochs in which the training loss rose by more than 0.03.
    best_epoch : int
        With the smallest validation loss, from 1; 0 where there is none.
    validation_least, validation_last : float
        The smallest and the last validation loss; nan where there is none.
    is_finite : bool
        Whether each loss is.
    """

    n_epochs: int
    first: float
    last: float
    least: float
    worst: float
    fall: float
    falls_by: float
    swings: float
    best_epoch: int
    validation_least: float
    validation_last: float
    is_finite: bool

    @classmethod
    def of(cls, history: Mapping[str, Sequence[float]], constant: float) -> CurveFigures:
        """Read the curves.

        Parameters
        ----------
        history : mapping of str to sequence of float
            As ``history_`` has it.
        constant : float
            Loss of the best constant.

        Examples
        --------
        >>> figures = CurveFigures.of({"loss": [4.0, 2.0, 3.0, 1.0, 0.5]}, constant=2.0)
        >>> figures.first, figures.fall, figures.swings
        (2.0, 0.25, 0.25)
        """
        losses = np.asarray(history["loss"], dtype=float) / constant
        finite = losses[np.isfinite(losses)]
        if not finite.size:
            finite = np.array([np.finfo(float).max])
        watched = np.asarray(history.get("val_loss", []), dtype=float) / constant
        known = watched[np.isfinite(watched)]
        told = known if known.size else finite
        fifth = max(1, len(told) // _FIFTH)
        ends = float(told[-fifth:].mean())
        begins = float(told[-2 * fifth : -fifth].mean()) if len(told) > 1 else ends
        rises = np.diff(finite)
        return cls(
            n_epochs=len(losses),
            first=float(finite[0]),
            last=float(finite[-1]),
            least=float(finite.min()),
            worst=float(finite.max()),
            fall=begins - ends,
            falls_by=1 - ends / begins if begins > 0 else 0.0,
            swings=float((rises > _SWING).mean()) if rises.size else 0.0,
            best_epoch=int(np.nanargmin(watched)) + 1 if known.size else 0,
            validation_least=float(known.min()) if known.size else np.nan,
            validation_last=float(known[-1]) if known.size else np.nan,
            is_finite=bool(np.isfinite(losses).all()),
        )
