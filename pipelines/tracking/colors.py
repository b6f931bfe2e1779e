"""Colours of the runs of a search in MLflow's charts."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import cycle

__all__ = ["run_colors"]

_BEST = "#d55e00"
_TIED = ("#0072b2", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#7b5ea7")
_WORSE = "#a0a0a0"


def run_colors(standings: Mapping[int, str]) -> dict[int, str]:
    """Choose colours: one for the best, various for those tied with it, grey for the worse.

    They are those of Okabe and Ito [1]_, which the colour-blind can tell apart.

    Parameters
    ----------
    standings : mapping of int to {"best", "tied", "worse"}

    Returns
    -------
    dict of int to str

    References
    ----------
    .. [1] M. Okabe and K. Ito, "Color Universal Design", 2008, https://jfly.uni-koeln.de/color.

    Examples
    --------
    >>> run_colors({4: "best", 1: "tied", 2: "worse"})
    {4: '#d55e00', 1: '#0072b2', 2: '#a0a0a0'}
    """
    tied = cycle(_TIED)
    return {
        number: _BEST if standing == "best" else next(tied) if standing == "tied" else _WORSE
        for number, standing in standings.items()
    }
