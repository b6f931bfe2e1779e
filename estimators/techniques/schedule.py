"""Schedules: by what a number is multiplied in the course of training."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "RATE_SCHEDULES",
    "REGULARIZATION_SCHEDULES",
    "constant",
    "cosine",
    "coslog4",
    "flat_cosine",
    "one_cycle",
    "warmed_up",
]


def constant(t: NDArray[Any]) -> NDArray[Any]:
    """1 all the time.

    Parameters
    ----------
    t : ndarray
        Share of the training that is done, in [0, 1], here and in the other schedules.
    """
    return np.ones_like(t, dtype=float)


def cosine(t: NDArray[Any]) -> NDArray[Any]:
    """Half a wave, from 1 to 0.

    References
    ----------
    Loshchilov and Hutter 2017, https://arxiv.org/abs/1608.03983

    Examples
    --------
    >>> cosine(np.array([0, 0.5, 1])).round(3).tolist()
    [1.0, 0.5, 0.0]
    """
    falling: NDArray[Any] = (1 + np.cos(np.pi * t)) / 2
    return falling


def coslog4(t: NDArray[Any]) -> NDArray[Any]:
    """Four waves between 0 and 1, each about twice as long as the one before.

    References
    ----------
    Holzmüller et al. 2024, https://arxiv.org/abs/2407.04491

    Examples
    --------
    >>> coslog4(np.array([0, 1 / 15, 3 / 15, 1])).round(3).tolist()
    [0.0, 0.0, 0.0, 0.0]
    >>> coslog4(np.array([np.sqrt(2) - 1, np.sqrt(8) - 1]) / 15).round(3).tolist()
    [1.0, 1.0]
    """
    waves: NDArray[Any] = (1 - np.cos(2 * np.pi * np.log2(1 + 15 * t))) / 2
    return waves


def one_cycle(t: NDArray[Any]) -> NDArray[Any]:
    """Up from 1/25 to 1 in the first three tenths, then down to a 250,000th, along cosines.

    References
    ----------
    Smith and Topin 2019, https://arxiv.org/abs/1708.07120; the numbers are those of
    https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.OneCycleLR.html.

    Examples
    --------
    >>> one_cycle(np.array([0, 0.15, 0.3, 0.65, 1])).round(3).tolist()
    [0.04, 0.52, 1.0, 0.5, 0.0]
    """
    first, last, peak = 1 / 25, 1 / 250_000, 0.3
    up = first + (1 - first) * cosine(1 - t / peak)
    down = last + (1 - last) * cosine((t - peak) / (1 - peak))
    return np.where(t < peak, up, down)


def flat_cosine(t: NDArray[Any]) -> NDArray[Any]:
    """1 in the first half, then half a wave to 0.

    References
    ----------
    Holzmüller et al. 2024, https://arxiv.org/abs/2407.04491

    Examples
    --------
    >>> flat_cosine(np.array([0, 0.5, 0.75, 1])).round(3).tolist()
    [1.0, 1.0, 0.5, 0.0]
    """
    return cosine(np.maximum(1, 2 * t) - 1)


def warmed_up(
    schedule: Callable[[NDArray[Any]], NDArray[Any]], fraction: float
) -> Callable[[NDArray[Any]], NDArray[Any]]:
    """Make the schedule that rises from 0 to 1 in a first part, and is another one in the rest.

    Parameters
    ----------
    schedule : callable
    fraction : float
        In [0, 1).

    Returns
    -------
    callable

    References
    ----------
    Goyal et al. 2017, https://arxiv.org/abs/1706.02677

    Examples
    --------
    >>> warmed_up(cosine, 0.2)(np.array([0, 0.1, 0.2, 0.6, 1])).round(3).tolist()
    [0.0, 0.5, 1.0, 0.5, 0.0]
    """
    if not fraction:
        return schedule
    return lambda t: np.where(
        t < fraction, t / fraction, schedule(np.maximum(0, t - fraction) / (1 - fraction))
    )


RATE_SCHEDULES = {
    "constant": constant,
    "cosine": cosine,
    "coslog4": coslog4,
    "one_cycle": one_cycle,
}

REGULARIZATION_SCHEDULES = {"constant": constant, "flat_cosine": flat_cosine}
