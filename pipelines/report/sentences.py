"""Numbers and verdicts in words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from pipelines.report.metric import PrintedMetric
from pipelines.statistics import Comparison, Interval, Verdict

__all__ = [
    "VERDICT_MARKS",
    "count_text",
    "difference_ends",
    "difference_text",
    "interval_text",
    "p_text",
    "seconds_text",
    "value_text",
    "verdict_sentence",
]

VERDICT_MARKS: dict[Verdict, str] = {
    "better": "▲",
    "worse": "▼",
    "no difference shown": "○",
    "fails": "✕",
    "no verdict": "-",
}

_MINUTE, _HOUR = 60, 3600


def verdict_sentence(comparison: Comparison, metric: PrintedMetric, pairs: str = "seeds") -> str:
    """A verdict with its evidence.

    Parameters
    ----------
    comparison : Comparison
    metric : PrintedMetric
    pairs : str, default="seeds"
        What was paired.

    Returns
    -------
    str
    """
    n_pairs = comparison.n_pairs + comparison.n_failed
    if comparison.verdict == "fails":
        return f"fails: {comparison.n_failed} of {n_pairs} {pairs} did not come to their end"
    if comparison.verdict == "no verdict":
        return f"no verdict: it takes two {pairs} or more"
    found = difference_text(comparison.difference, metric)
    evidence = (
        f"better in {comparison.n_better} of {comparison.n_pairs} {pairs}, "
        f"{p_text(comparison.p_adjusted)}"
    )
    if comparison.verdict != "no difference shown":
        if math.isfinite(comparison.effect):
            evidence += f", g = {comparison.effect:+.1f}"
        return f"{comparison.verdict}: {found}; {evidence}"
    if math.isfinite(comparison.detectable) and comparison.detectable > 0:
        evidence += f"; {metric.text(comparison.detectable)} would be seen in 4 of 5 such studies"
    return f"no difference shown: {found}; {evidence}"


def difference_text(difference: Interval, metric: PrintedMetric) -> str:
    """A difference with its unit and interval as they are printed."""
    unit = f" {metric.difference_unit}" if metric.difference_unit else ""
    mean = f"{metric.text(difference.mean, signed=True)}{unit}"
    return f"{mean} {difference_ends(difference, metric)}".rstrip()


def difference_ends(difference: Interval, metric: PrintedMetric) -> str:
    """The interval of a difference as it is printed, without the unit; empty where it has none."""
    if math.isnan(difference.low):
        return ""
    ends = ", ".join(metric.text(end, signed=True) for end in (difference.low, difference.high))
    return f"[{ends}]"


def interval_text(metric: PrintedMetric, interval: Interval) -> str:
    """A mean and its interval as they are printed, within what the metric can be.

    Examples
    --------
    >>> accuracy = PrintedMetric("accuracy", "%", 100, 2, "accuracy", True)
    >>> interval_text(accuracy, Interval(0.86, 0.855, 0.865))
    '86.00 [85.50, 86.50]'
    >>> interval_text(accuracy, Interval(0.592, -0.2683, 1.4523))
    '59.20 [0.00, 100.00]'
    """
    if math.isnan(interval.mean):
        return "-"
    mean = metric.text(interval.mean)
    if math.isnan(interval.low):
        return mean
    # The t distribution, on which the intervals are built, knows of no bounds.
    low, high = (metric.within_bounds(end) for end in (interval.low, interval.high))
    return f"{mean} [{metric.text(low)}, {metric.text(high)}]"


def p_text(p: float) -> str:
    """A p value as it is printed.

    Examples
    --------
    >>> p_text(0.0312), p_text(1e-5)
    ('p = 0.031', 'p < 0.001')
    """
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def seconds_text(seconds: float) -> str:
    """A time as it is printed.

    Examples
    --------
    >>> [seconds_text(seconds) for seconds in (0.0123, 5.25, 75.0, 7260.0)]
    ['0.012 s', '5.2 s', '1 min 15 s', '2 h 1 min']
    """
    if math.isnan(seconds):
        return "-"
    if seconds < 1:
        return f"{seconds:.2g} s"
    if seconds < _MINUTE:
        return f"{seconds:.1f} s"
    if seconds < _HOUR:
        return f"{seconds // _MINUTE:.0f} min {seconds % _MINUTE:.0f} s"
    return f"{seconds // _HOUR:.0f} h {seconds % _HOUR // _MINUTE:.0f} min"


def value_text(value: Any) -> str:
    """A value of a hyperparameter as it is printed.

    Examples
    --------
    >>> [value_text(value) for value in ((50, 10), 0.00312345, None, True, "relu")]
    ['50-10', '0.00312', 'none', 'yes', 'relu']
    """
    if isinstance(value, tuple | list):
        return "-".join(map(value_text, value))
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "none"}[value]
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def count_text(names: Sequence[str], limit: int = 3) -> str:
    """Some names, the first in full.

    Examples
    --------
    >>> count_text(["a", "b", "c", "d"], limit=2)
    'a; b and 2 more'
    """
    more = len(names) - limit
    return "; ".join(names[:limit]) + (f" and {more} more" if more > 0 else "")
