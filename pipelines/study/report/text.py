"""Numbers as they are printed."""

from __future__ import annotations

import math

from pipelines.statistics import Interval
from pipelines.study import Metric

__all__ = ["interval_text", "p_text", "ratio_text"]


def interval_text(metric: Metric, interval: Interval) -> str:
    """A mean and its interval as they are printed.

    Examples
    --------
    >>> accuracy = Metric("accuracy", "%", 100, 2, "accuracy", "accuracy", 1, True, 0.005)
    >>> interval_text(accuracy, Interval(0.86, 0.855, 0.865))
    '86.00 [85.50, 86.50]'
    """
    if math.isnan(interval.mean):
        return "-"
    mean = metric.text(interval.mean)
    if math.isnan(interval.low):
        return mean
    return f"{mean} [{metric.text(interval.low)}, {metric.text(interval.high)}]"


def p_text(p: float) -> str:
    """A p value as it is printed.

    Examples
    --------
    >>> p_text(0.0312), p_text(1e-5)
    ('p = 0.031', 'p < 0.001')
    """
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def ratio_text(ratio: Interval) -> str:
    """A ratio and its interval as they are printed."""
    if math.isnan(ratio.mean):
        return "-"
    if math.isnan(ratio.low) or ratio.low == ratio.high:
        return f"{ratio.mean:.2f}"
    return f"{ratio.mean:.2f} [{ratio.low:.2f}, {ratio.high:.2f}]"
