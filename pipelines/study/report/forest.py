"""The figure of the differences from the baseline: first the numbers, then the picture."""

from __future__ import annotations

import math
from typing import NamedTuple

from markupsafe import Markup
from matplotlib.figure import Figure

from pipelines.report.differences import DifferencesInfo, plot_differences
from pipelines.report.drawing import (
    BAD,
    GOOD,
    INK,
    SOFT,
    axis_window,
    draw_interval,
    note_outside,
)
from pipelines.statistics import Interval, Verdict
from pipelines.study import StudyResult

__all__ = ["ForestInfo", "forest_info", "forest_strips", "plot_forest"]

# A verdict is told by shape as well as by colour.
_MARKS: dict[Verdict, tuple[str, str]] = {
    "better": ("^", GOOD),
    "worse": ("v", BAD),
    "no difference shown": ("o", SOFT),
    "fails": ("X", BAD),
    "no verdict": ("o", SOFT),
}


class ForestInfo(NamedTuple):
    """Differences from the baseline, an arm each, in printed units; of an error less is better."""

    names: list[str]
    differences: list[Interval]
    verdicts: list[Verdict]
    texts: list[str]
    label: str


def forest_info(study: StudyResult) -> ForestInfo:
    """Collect the differences of the validation metric from the baseline, the best first."""
    metric = study.metric
    names = sorted(
        study.comparisons,
        key=lambda name: (
            math.isnan(study.comparisons[name].difference.mean),
            -metric.value(study.comparisons[name].difference.mean),
        ),
    )
    differences = [study.comparisons[name].difference for name in names]
    side = "right" if metric.greater_is_better else "left"
    unit = f", {metric.difference_unit}" if metric.difference_unit else ""
    return ForestInfo(
        names=names,
        differences=[difference.times(metric.factor) for difference in differences],
        verdicts=[study.comparisons[name].verdict for name in names],
        texts=[
            "never trained to the end"
            if math.isnan(difference.mean)
            else metric.text(difference.mean, signed=True)
            for difference in differences
        ],
        label=f"difference in {metric.name} from {study.baseline.label}{unit}; "
        f"{side} of 0 is better",
    )


def forest_strips(info: ForestInfo) -> Markup:
    """Plot each difference with its 95 % interval, as wide as the page is."""
    return plot_differences(
        DifferencesInfo(
            info.names, info.differences, info.verdicts, info.texts, info.texts, info.label
        )
    )


def plot_forest(info: ForestInfo) -> Figure:
    """Plot each difference with its 95 % interval."""
    figure = Figure(figsize=(8.6, 1.1 + 0.36 * len(info.names)))
    axes = figure.subplots()
    low, high = axis_window([value for one in info.differences for value in one], keep=0.0)
    axes.set_xlim(low, high)
    for place, (one, verdict) in enumerate(zip(info.differences, info.verdicts, strict=True)):
        mark, colour = _MARKS[verdict]
        if math.isnan(one.mean):
            axes.text(0, place, f" {info.texts[place]}", va="center", color=BAD, size=9)
            continue
        if low <= one.mean <= high:
            draw_interval(axes, one.low, one.high, place, colour=colour)
            axes.plot(one.mean, place, mark, color=colour, markersize=8)
        else:
            words = _ends_text(one)
            note_outside(axes, place, words, is_left=one.mean < low, colour=colour)
    axes.axvline(0, color=INK, linewidth=1)
    axes.set_yticks(range(len(info.names)), info.names, color=INK)
    axes.set_ylim(len(info.names) - 0.5, -0.5)
    axes.grid(axis="y", visible=False)
    axes.set_xlabel(info.label)
    return figure


def _ends_text(interval: Interval) -> str:
    mean, low, high = (f"{value:+.3g}" for value in interval)
    return mean if math.isnan(interval.low) else f"{mean} [{low}, {high}]"
