"""The charts of an ablation study: first the numbers, then the picture."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from markupsafe import Markup

from pipelines.ablation.result import Ablation, NetworkResult, TechniqueWorth
from pipelines.ablation.sentences import comparison_text
from pipelines.report.chart import Strip, strips
from pipelines.report.differences import (
    KINDS,
    DifferencesInfo,
    gain_label,
    gains_info,
    plot_differences,
)
from pipelines.report.scale import Scale, scale_of
from pipelines.report.sentences import interval_text
from pipelines.statistics import Comparison, Interval, Verdict

__all__ = [
    "PathStep",
    "WaterfallInfo",
    "alone_info",
    "in_best_info",
    "plot_gains",
    "plot_waterfall",
    "waterfall_info",
]

# Intervals of steps this many times as long as the way from plain to best are cut.
_LONG = 1.0


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
    return WaterfallInfo([*steps, _end(ablation.plan.best, best, ablation)], ablation.metric.title)


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
        return PathStep(worth.change.name, "fails", told, math.nan, nowhere, worth.on_path.verdict)
    return PathStep(
        label=worth.change.name,
        text=metric.text(difference.mean, signed=True),
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
            step.label, step.text, step.end, step.tip, KINDS[step.verdict][0], "bar", step.start
        )
        for step in info.steps
    ]
    return strips(rows, _path_scale(info), label=info.axis, zero=info.steps[0].end.mean)


def _path_scale(info: WaterfallInfo) -> Scale:
    """A scale that holds all scores; of intervals what lies far beyond them is cut."""
    means = [step.end.mean for step in info.steps if math.isfinite(step.end.mean)]
    if not means:
        return Scale(0.0, 1.0)
    room = _LONG * (max(means) - min(means))
    low, high = min(means) - room, max(means) + room
    ends = [value for step in info.steps for value in step.end[1:] if math.isfinite(value)]
    return scale_of([*means, *(min(max(value, low), high) for value in ends)])


def alone_info(ablation: Ablation) -> DifferencesInfo:
    """Collect what each technique adds to the plain network, in the order of :func:`in_best_info`."""
    return _gains(ablation, lambda worth: worth.alone, "over plain")


def in_best_info(ablation: Ablation) -> DifferencesInfo:
    """Collect what the best network has of each technique, the greatest gain first."""
    return _gains(ablation, lambda worth: worth.in_best, f"of {ablation.plan.best}")


def _gains(
    ablation: Ablation, comparison_of: Callable[[TechniqueWorth], Comparison], where: str
) -> DifferencesInfo:
    metric = ablation.metric

    def gain(worth: TechniqueWorth) -> float:
        value = metric.value(worth.in_best.difference.mean)
        return math.inf if math.isnan(value) else value  # it fails without

    return gains_info(
        [
            (
                worth.change.name,
                comparison_of(worth),
                f"{worth.change.name}: {comparison_of(worth).verdict}, "
                f"{comparison_text(comparison_of(worth), ablation)}",
            )
            for worth in sorted(ablation.worths, key=gain, reverse=True)
        ],
        metric,
        f"{gain_label(metric)} {where}",
    )


def plot_gains(info: DifferencesInfo) -> Markup:
    """Plot gains with their intervals; one that has none, for a network failed, says so."""
    texts = ["fails" if text == "nan" else text for text in info.texts]
    return plot_differences(info._replace(texts=texts))
