"""Means with their intervals by Student's t."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy import stats

__all__ = ["LEVEL", "Interval", "mean_interval", "prediction_interval", "ratio_interval"]

LEVEL = 0.05
"""Of tests; intervals hold 1 less this level."""


class Interval(NamedTuple):
    """A mean with the ends of its interval; the ends are nan for fewer than two values."""

    mean: float
    low: float
    high: float

    def times(self, factor: float) -> Interval:
        """The interval in another unit; a negative factor swaps the ends."""
        ends = sorted((factor * self.low, factor * self.high))
        return Interval(factor * self.mean, *ends)

    def holds(self, value: float) -> bool:
        """Whether a value is within the interval."""
        return self.low <= value <= self.high


def mean_interval(values: np.ndarray) -> Interval:
    """Return the mean and its 95 % confidence interval by Student's t; nan is left out.

    Parameters
    ----------
    values : ndarray of shape (n,)

    Returns
    -------
    Interval

    Examples
    --------
    >>> [round(value, 3) for value in mean_interval(np.array([1.0, 2.0, 3.0]))]
    [2.0, -0.484, 4.484]
    """
    return _interval(values, lambda n: 1 / n)


def prediction_interval(values: np.ndarray) -> Interval:
    """Return the mean and the interval that holds one further run in 95 % of cases.

    Parameters
    ----------
    values : ndarray of shape (n,)

    Returns
    -------
    Interval
    """
    return _interval(values, lambda n: 1 + 1 / n)


def ratio_interval(ratios: np.ndarray) -> Interval:
    """Return the geometric mean of ratios and its 95 % confidence interval.

    Parameters
    ----------
    ratios : ndarray of shape (n,)
        Above 0, or nan.

    Returns
    -------
    Interval
    """
    return Interval(*map(math.exp, mean_interval(np.log(ratios))))


def _interval(values: np.ndarray, variance_share: Callable[[int], float]) -> Interval:
    values = values[np.isfinite(values)]
    if values.size == 0:
        return Interval(math.nan, math.nan, math.nan)
    mean = float(values.mean())
    if values.size == 1:
        return Interval(mean, math.nan, math.nan)
    margin = (
        stats.t.ppf(1 - LEVEL / 2, values.size - 1)
        * values.std(ddof=1)
        * math.sqrt(variance_share(values.size))
    )
    return Interval(mean, mean - float(margin), mean + float(margin))
