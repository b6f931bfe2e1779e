"""The verdicts in words."""

from __future__ import annotations

import math
from dataclasses import dataclass

from pipelines.statistics import Comparison, Interval, Verdict
from pipelines.study import ArmResult, Metric, Quantity, StudyResult

__all__ = [
    "VerdictRow",
    "interval_text",
    "p_text",
    "ratio_text",
    "verdict_rows",
    "verdict_sentence",
]

_MARKS: dict[Verdict, str] = {
    "better": "▲",
    "worse": "▼",
    "no difference shown": "○",
    "fails": "✕",
    "no verdict": "-",
}


_CELLS: tuple[Quantity, ...] = ("train", "validation", "in_range", "test")
_OTHERS: tuple[Quantity, ...] = ("validation", "test")


@dataclass(frozen=True)
class VerdictRow:
    """A judged arm in words.

    Attributes
    ----------
    name : str
    cells : dict of str to str
        Means with intervals, by quantity.
    time, reach : str
        Time of an epoch as a ratio, and how soon it is as good as the baseline.
    verdict, mark, sentence : str
    verdicts : dict of str to str
        By other metrics: of all validation rows, and of the test rows.
    is_baseline : bool
    """

    name: str
    cells: dict[str, str]
    time: str
    reach: str
    verdict: str
    mark: str
    sentence: str
    verdicts: dict[str, str]
    is_baseline: bool


def verdict_rows(study: StudyResult) -> list[VerdictRow]:
    """The judged arms in words, the best first."""
    others = {one: study.compared_by(one) for one in _OTHERS}
    rows = []
    for arm in study.ranked():
        comparison = study.comparisons.get(arm.label)
        verdicts = {one: compared.get(arm.label) for one, compared in others.items()}
        rows.append(
            VerdictRow(
                name=arm.label,
                cells={one: interval_text(study.metric, arm.interval(one)) for one in _CELLS},
                time=ratio_text(study.time_ratio(arm)),
                reach=_reach_text(study, arm),
                verdict=comparison.verdict if comparison else "baseline",
                mark=_MARKS[comparison.verdict] if comparison else "",
                sentence=(
                    verdict_sentence(comparison, study.metric)
                    if comparison
                    else "what the others are compared with"
                ),
                verdicts={name: one.verdict if one else "" for name, one in verdicts.items()},
                is_baseline=comparison is None,
            )
        )
    return rows


def verdict_sentence(comparison: Comparison, metric: Metric) -> str:
    """A verdict with its evidence.

    Parameters
    ----------
    comparison : Comparison
    metric : Metric

    Returns
    -------
    str
    """
    unit = "points" if metric.unit == "%" else metric.unit
    n_seeds = comparison.n_pairs + comparison.n_failed
    if comparison.verdict == "fails":
        return f"fails: {comparison.n_failed} of {n_seeds} seeds did not come to their end"
    if comparison.verdict == "no verdict":
        return "no verdict: it takes two seeds or more"
    difference = comparison.difference
    ends = ", ".join(metric.text(end, signed=True) for end in (difference.low, difference.high))
    found = f"{metric.text(difference.mean, signed=True)} {unit} [{ends}]"
    evidence = f"better in {comparison.n_better} of {comparison.n_pairs} seeds, {p_text(comparison.p_adjusted)}"
    if comparison.verdict != "no difference shown":
        if math.isfinite(comparison.effect):
            evidence += f", g = {comparison.effect:+.1f}"
        return f"{comparison.verdict}: {found}; {evidence}"
    if math.isfinite(comparison.detectable) and comparison.detectable > 0:
        evidence += f"; {metric.text(comparison.detectable)} would be seen in 4 of 5 such studies"
    return f"no difference shown: {found}; {evidence}"


def _reach_text(study: StudyResult, arm: ArmResult) -> str:
    reach = study.reach(arm)
    if not reach.n_reached:
        return "never" if reach.n_seeds else "-"
    told = f"{reach.epochs.mean:.1f} epochs, {_seconds_text(reach.seconds.mean)}"
    everywhere = reach.n_reached == reach.n_seeds
    return told if everywhere else f"{told} (in {reach.n_reached} of {reach.n_seeds} seeds)"


def _seconds_text(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds >= 10 else f"{seconds:.2f} s"


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
