"""The charts of an ablation study: first the numbers, then the picture."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
from markupsafe import Markup

from pipelines.ablation.result import Ablation, NetworkResult, TechniqueWorth, gain_in_best
from pipelines.ablation.sentences import comparison_text, gain_text
from pipelines.report.chart import Strip, strips
from pipelines.report.scale import Scale, scale_of
from pipelines.report.sentences import interval_text
from pipelines.statistics import Comparison, Interval, Verdict

__all__ = [
    "PathStep",
    "WaterfallInfo",
    "WorthsInfo",
    "alone_info",
    "in_best_info",
    "plot_waterfall",
    "plot_worths",
    "waterfall_info",
]

_KINDS: Mapping[Verdict, str] = {"better": "good", "worse": "bad", "fails": "bad"}
_MARKS: Mapping[Verdict, str] = {"better": "up", "worse": "down"}

# Intervals of steps this many times as long as the way from plain to best are cut.
_LONG = 1.0

# A difference this many times as large as the next is cut, too, and a score that is so much farther
# from that of plain; the largest of the others leaves some room to the end.
_FAR = 10.0
_ROOM = 1.25

_LONGEST_AXIS = 48


class PathStep(NamedTuple):
    """A technique of the path, or an end of it, in printed units.

    Attributes
    ----------
    label, text, tip : str
    start : float
        The score before it.
    end : Interval
        The score after it, with the interval of the difference; of an end its own interval.
    verdict : Verdict or None
        None for the ends.
    """

    label: str
    text: str
    tip: str
    start: float
    end: Interval
    verdict: Verdict | None


class WaterfallInfo(NamedTuple):
    """The path from plain to best, and what its axis is called."""

    steps: list[PathStep]
    axis: str


def waterfall_info(ablation: Ablation) -> WaterfallInfo:
    """Collect what each technique of the path adds to those before it."""
    plain, best = ablation.plain, ablation.best
    steps = [_end("plain", plain, ablation)]
    before = plain
    for worth in ablation.worths:
        steps.append(_step(before, worth, ablation))
        before = worth.reached
    metric = ablation.metric
    unit = f" in {metric.unit}" if metric.unit else ""
    return WaterfallInfo(
        [*steps, _end(ablation.plan.best, best, ablation)], _axis(metric.name, unit)
    )


def _axis(name: str, unit: str, rest: str = "") -> str:
    """What an axis is called, without its unit where a phone is too narrow for that."""
    told = f"{name}{unit}{rest}"
    return told if len(told) <= _LONGEST_AXIS else f"{name}{rest}"


def _end(name: str, result: NetworkResult, ablation: Ablation) -> PathStep:
    metric, mean = ablation.metric, result.score.mean
    return PathStep(
        label=name,
        text="fails" if math.isnan(mean) else metric.text(mean),
        tip=f"{name}: {interval_text(metric, result.score)}",
        start=metric.factor * mean,
        end=result.score.times(metric.factor),
        verdict=None,
    )


def _step(before: NetworkResult, worth: TechniqueWorth, ablation: Ablation) -> PathStep:
    metric, difference = ablation.metric, worth.on_path.difference
    start, reached = before.score.mean, worth.reached.score.mean
    told = (
        f"{worth.change.name}: {worth.on_path.verdict}, {comparison_text(worth.on_path, ablation)}"
    )
    if math.isnan(start + reached):
        nowhere = Interval(math.nan, math.nan, math.nan)
        text = gain_text(worth.on_path, metric)
        return PathStep(worth.change.name, text, told, math.nan, nowhere, worth.on_path.verdict)
    return PathStep(
        label=worth.change.name,
        text=gain_text(worth.on_path, metric),
        tip=f"{told}; reaches {metric.text(reached)}",
        start=metric.factor * start,
        end=Interval(*(start + value for value in difference)).times(metric.factor),
        verdict=worth.on_path.verdict,
    )


def plot_waterfall(info: WaterfallInfo) -> Markup:
    """Plot the path: a bar a step, from the score before it to the score after it."""
    rows = [
        Strip(step.label, step.text, step.end, step.tip)
        if step.verdict is None
        else Strip(
            step.label,
            step.text,
            step.end,
            step.tip,
            _KINDS.get(step.verdict, "soft"),
            "step",
            step.start,
        )
        for step in info.steps
    ]
    return strips(rows, _path_scale(info), label=info.axis, zero=info.steps[0].end.mean)


def _path_scale(info: WaterfallInfo) -> Scale:
    """A scale that holds the scores but those far beyond all others; long intervals are cut."""
    means = [step.end.mean for step in info.steps if math.isfinite(step.end.mean)]
    if not means:
        return Scale(0.0, 1.0)
    plain = means[0]
    means.sort(key=lambda mean: abs(mean - plain))
    while len(means) > 2 and abs(means[-1] - plain) > _FAR * abs(means[-2] - plain) > 0:
        means.pop()
    room = _LONG * (max(means) - min(means))
    low, high = min(means) - room, max(means) + room
    ends = [value for step in info.steps for value in step.end[1:] if math.isfinite(value)]
    return scale_of([*means, *(min(max(value, low), high) for value in ends)])


class WorthsInfo(NamedTuple):
    """Differences of the metric by technique, in printed units, and what the axis is called."""

    names: list[str]
    differences: list[Interval]
    verdicts: list[Verdict]
    texts: list[str]
    tips: list[str]
    axis: str


def alone_info(ablation: Ablation) -> WorthsInfo:
    """Collect what each technique adds to the plain network, in the order of :func:`in_best_info`."""
    return _worths(ablation, lambda worth: worth.alone)


def in_best_info(ablation: Ablation) -> WorthsInfo:
    """Collect what the best network has of each technique, the most helpful first."""
    return _worths(ablation, lambda worth: worth.in_best)


def _worths(
    ablation: Ablation, comparison_of: Callable[[TechniqueWorth], Comparison]
) -> WorthsInfo:
    metric = ablation.metric
    worths = sorted(ablation.worths, key=lambda worth: gain_in_best(worth, metric), reverse=True)
    names = [worth.change.name for worth in worths]
    found = [comparison_of(worth) for worth in worths]
    unit = f", {metric.difference_unit}" if metric.difference_unit else ""
    side = "right" if metric.greater_is_better else "left"
    return WorthsInfo(
        names,
        [one.difference.times(metric.factor) for one in found],
        [one.verdict for one in found],
        [gain_text(one, metric) for one in found],
        [
            f"{name}: {one.verdict}, {comparison_text(one, ablation)}"
            for name, one in zip(names, found, strict=True)
        ],
        _axis(f"difference in {metric.name}", unit, f"; {side} is better"),
    )


def plot_worths(info: WorthsInfo) -> Markup:
    """Plot each difference with its interval, and by its mark what is shown of it."""
    rows = [
        Strip(name, text, difference, tip, _KINDS.get(verdict, "soft"), _MARKS.get(verdict, "dot"))
        for name, difference, verdict, text, tip in zip(*info[:-1], strict=True)
    ]
    return strips(rows, _difference_scale(info), label=info.axis, zero=0.0)


def _difference_scale(info: WorthsInfo) -> Scale:
    """A scale that holds the means, but for those many times as large as the next that do not help."""
    known = [
        (abs(difference.mean), verdict == "better")
        for difference, verdict in zip(info.differences, info.verdicts, strict=True)
        if math.isfinite(difference.mean)
    ]
    means = sorted(known)
    while len(means) > 1 and not means[-1][1] and means[-1][0] > _FAR * means[-2][0] > 0:
        means.pop()
    ends = [abs(end) for one in info.differences for end in one[1:] if math.isfinite(end)]
    largest = means[-1][0] if means and means[-1][0] else max(ends, default=1.0)
    usual = float(np.quantile(ends, 0.8)) if ends else largest
    reach = min(max(usual, _ROOM * largest), 2 * _ROOM * largest)
    values = [value for one in info.differences for value in one if math.isfinite(value)]
    return scale_of([min(max(value, -reach), reach) for value in values], keep=[0.0])
