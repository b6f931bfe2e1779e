"""The figure of score against time: first the numbers, then the picture."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pipelines.report.drawing import BAD, BASE, FIRST, axis_window, draw_interval
from pipelines.statistics import Interval
from pipelines.study import StudyResult

__all__ = ["TimesInfo", "plot_times", "times_info"]


class TimesInfo(NamedTuple):
    """Validation metric against the time of an epoch, as a ratio to the baseline's."""

    names: list[str]
    ratios: list[Interval]
    scores: list[Interval]
    baseline: int | None
    label: str


def times_info(study: StudyResult) -> TimesInfo:
    """Collect ratios of epoch time and printed validation metrics of the judged arms."""
    factor = study.metric.factor
    trained = [arm for arm in study.single_changes if not arm.n_failed]
    return TimesInfo(
        names=[arm.label for arm in trained],
        ratios=[study.time_ratio(arm) for arm in trained],
        scores=[arm.interval(study.judged_by).times(factor) for arm in trained],
        baseline=trained.index(study.baseline) if study.baseline in trained else None,
        label=f"validation {study.metric.name} in {study.metric.unit}",
    )


def plot_times(info: TimesInfo) -> Figure:
    """Plot score against relative time, each point named."""
    figure = Figure(figsize=(8.6, 4.4))
    axes = figure.subplots()
    means = [score.mean for score in info.scores]
    keep = float(np.median(means)) if info.baseline is None else means[info.baseline]
    ends = [value for score in info.scores for value in score]
    low, high = axis_window(ends, keep=keep, spread=8.0)
    shown = [place for place, mean in enumerate(means) if low <= mean <= high]
    axes.set_xlim(0, 1.1 * max(1.2, *(info.ratios[i].mean for i in shown)))
    axes.set_ylim(low, high)
    for place in shown:
        score, ratio = info.scores[place], info.ratios[place]
        draw_interval(axes, score.low, score.high, ratio.mean, colour=BASE, width=1, vertical=True)
        draw_interval(axes, ratio.low, ratio.high, score.mean, colour=BASE, width=1)
        axes.plot(ratio.mean, score.mean, "o", color=FIRST, markersize=7)
    _name_points(axes, [(info.ratios[i].mean, means[i], info.names[i]) for i in shown], low, high)
    outside = [f"{info.names[i]}: {means[i]:.3g}" for i in range(len(means)) if i not in shown]
    if outside:
        axes.set_title("outside: " + "; ".join(outside), color=BAD)
    axes.set_xlabel("time of an epoch (baseline = 1)")
    axes.set_ylabel(info.label)
    return figure


def _name_points(
    axes: Axes, points: Sequence[tuple[float, float, str]], low: float, high: float
) -> None:
    """Write names at the right margin, moved up where they would cover each other."""
    gap = 0.06 * (high - low)
    height = -math.inf
    for x, y, name in sorted(points, key=lambda point: point[1]):
        height = max(y, height + gap)
        axes.annotate(
            name,
            (x, y),
            (1.03, height),
            textcoords=("axes fraction", "data"),
            va="center",
            size=9,
            arrowprops={"arrowstyle": "-", "color": BASE, "linewidth": 0.5},
        )
