"""The figures of all readings, by version, so that a regression is seen: ``history.csv``.

A benchmark hands over its headlines with its report; each is a row of the file. Seconds of
different processors are not comparable, so a figure is compared with the last one of the same.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Literal

import pandas as pd

__all__ = ["Headline", "record", "regressions"]

_PATH = Path(__file__).with_name("history.csv")
_NOISE = 1.15
_KEYS = ["cpu", "benchmark", "figure"]


@dataclass(frozen=True)
class Headline:
    """A figure that later versions are held against.

    Attributes
    ----------
    figure : str
        What was measured, and its unit.
    value : float
        Above 0.
    better : {"higher", "lower"}
    """

    figure: str
    value: float
    better: Literal["higher", "lower"]


def record(benchmark: str, cpu: str, headlines: Sequence[Headline]) -> list[str]:
    """Add a reading to the history.

    Returns
    -------
    list of str
        A sentence for each figure that is worse than the last one, see :func:`regressions`.
    """
    if not headlines:
        return []
    new = pd.DataFrame(
        {
            "date": date.today().isoformat(),
            "version": version("mlp-techniques"),
            "commit": _commit(),
            "cpu": cpu,
            "benchmark": benchmark,
            "figure": [headline.figure for headline in headlines],
            "value": [float(f"{headline.value:.4g}") for headline in headlines],
            "better": [headline.better for headline in headlines],
        }
    )
    known = pd.read_csv(_PATH) if _PATH.exists() else new.iloc[:0]
    found = regressions(known, new)
    pd.concat([known, new]).to_csv(_PATH, index=False)
    return found


def regressions(known: pd.DataFrame, new: pd.DataFrame) -> list[str]:
    """Say which figures are worse than when they were last read on the same processor.

    Parameters
    ----------
    known, new : DataFrame
        Rows of the history, the latest last.

    Returns
    -------
    list of str
        What is at most 15 % worse is taken for noise.

    Examples
    --------
    >>> row = {"commit": "1a2b3c", "cpu": "any", "benchmark": "b", "better": "lower"}
    >>> known = pd.DataFrame([{**row, "figure": "a fit, s", "value": 2.0}])
    >>> regressions(known, known.assign(value=3.0))
    ['a fit, s: 3, after 2 at 1a2b3c']
    >>> regressions(known, known.assign(value=2.2))
    []
    """
    last = known.drop_duplicates(_KEYS, keep="last")
    both = new.merge(last, on=_KEYS, suffixes=("", "_before"))
    ratio = both["value"] / both["value_before"]
    worse = both[ratio.where(both["better"] == "lower", 1 / ratio) > _NOISE]
    return [
        f"{row.figure}: {row.value:g}, after {row.value_before:g} at {row.commit_before}"
        for row in worse.itertuples()
    ]


def _commit() -> str:
    """The short name of the commit that was measured, with a + where files were changed since."""
    name = subprocess.run(
        ["git", "describe", "--always", "--dirty=+", "--exclude=*"],
        cwd=_PATH.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    return name.stdout.strip() or "unknown"
