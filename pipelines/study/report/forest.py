"""The figure of the differences from the baseline: first the numbers, then the picture."""

from __future__ import annotations

import math
from typing import NamedTuple

from matplotlib.figure import Figure

from pipelines.report.drawing import BAD, GOOD, INK, SOFT, axis_window, note_outside
from pipelines.statistics import Interval, Verdict
from pipelines.study import StudyResult

__all__ = ["ForestInfo", "forest_info", "plot_forest"]

# A verdict is told by shape as well as by colour.
_MARKS: dict[Verdict, tuple[str, str]] = {
    "better": ("^", GOOD),
    "worse": ("v", BAD),
    "no difference shown": ("o", SOFT),
    "fails": ("X", BAD),
    "no verdict": ("o", SOFT),
}


class ForestInfo(NamedTuple):
    """Differences from the baseline, an arm each, in printed units; more is better."""

    names: list[str]
    gains: list[Interval]
    verdicts: list[Verdict]
    baseline: str
    label: str


def forest_info(study: StudyResult) -> ForestInfo:
    """Collect the gains of validation metric over the baseline, the greatest first."""
    metric = study.metric
    sign = metric.factor if metric.greater_is_better else -metric.factor
    gains = {
        name: comparison.difference.times(sign) for name, comparison in study.comparisons.items()
    }
    names = sorted(gains, key=lambda name: (math.isnan(gains[name].mean), -gains[name].mean))
    what = "gain in accuracy, points,"
    if not metric.greater_is_better:
        what = f"fall of the {metric.name} in {metric.unit}"
    return ForestInfo(
        names=names,
        gains=[gains[name] for name in names],
        verdicts=[study.comparisons[name].verdict for name in names],
        baseline=study.baseline.label,
        label=what,
    )


def plot_forest(info: ForestInfo) -> Figure:
    """Plot each difference with its 95 % interval."""
    figure = Figure(figsize=(8.6, 1.1 + 0.36 * len(info.names)))
    axes = figure.subplots()
    low, high = axis_window([value for gain in info.gains for value in gain], keep=0.0)
    axes.set_xlim(low, high)
    for place, (gain, verdict) in enumerate(zip(info.gains, info.verdicts, strict=True)):
        mark, colour = _MARKS[verdict]
        if math.isnan(gain.mean):
            axes.text(0, place, " never trained to the end", va="center", color=BAD, size=9)
            continue
        if low <= gain.mean <= high:
            if math.isfinite(gain.low):
                axes.plot([gain.low, gain.high], [place, place], color=colour, linewidth=2)
            axes.plot(gain.mean, place, mark, color=colour, markersize=8)
        else:
            words = _ends_text(gain)
            note_outside(axes, place, words, is_left=gain.mean < low, colour=colour)
    axes.axvline(0, color=INK, linewidth=1)
    axes.set_yticks(range(len(info.names)), info.names, color=INK)
    axes.set_ylim(len(info.names) - 0.5, -0.5)
    axes.grid(axis="y", visible=False)
    axes.set_xlabel(f"{info.label} against {info.baseline}")
    return figure


def _ends_text(interval: Interval) -> str:
    mean, low, high = (f"{value:.3g}" for value in interval)
    return mean if math.isnan(interval.low) else f"{mean} [{low}, {high}]"
