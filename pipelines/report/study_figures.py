"""Figures of the techniques study: first the numbers, then the picture."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from pipelines.report.drawing import BAD, BASE, FIRST, GOOD, INK, SECOND, SOFT, axis_window
from pipelines.techniques import Interval, StudyResult
from pipelines.techniques.statistics import Verdict

__all__ = [
    "CurvesInfo",
    "ForestInfo",
    "TimesInfo",
    "curves_info",
    "forest_info",
    "plot_curves",
    "plot_forest",
    "plot_times",
    "times_info",
]

# A verdict is told by shape as well as by colour.
_MARKS: dict[Verdict, tuple[str, str]] = {
    "better": ("^", GOOD),
    "worse": ("v", BAD),
    "no difference shown": ("o", SOFT),
    "fails": ("X", BAD),
    "no verdict": ("o", SOFT),
}


class ForestInfo(NamedTuple):
    """Differences from the baseline, a row each, in printed units; more is better."""

    names: list[str]
    gains: list[Interval]
    verdicts: list[Verdict]
    baseline: str
    label: str


def forest_info(study: StudyResult) -> ForestInfo:
    """Collect the gains of validation metric over the baseline, the greatest first."""
    measure = study.measure
    sign = measure.factor if measure.greater_is_better else -measure.factor
    gains = {
        name: comparison.difference.times(sign) for name, comparison in study.comparisons.items()
    }
    names = sorted(gains, key=lambda name: (math.isnan(gains[name].mean), -gains[name].mean))
    what = "gain in accuracy, points,"
    if not measure.greater_is_better:
        what = f"fall of the {measure.name} in {measure.unit}"
    return ForestInfo(
        names=names,
        gains=[gains[name] for name in names],
        verdicts=[study.comparisons[name].verdict for name in names],
        baseline=study.baseline.name,
        label=what,
    )


def plot_forest(info: ForestInfo) -> Figure:
    """Plot each difference with its 95 % interval."""
    figure = Figure(figsize=(8.6, 1.1 + 0.36 * len(info.names)))
    axes = figure.subplots()
    low, high = axis_window([value for gain in info.gains for value in gain], keep=0.0)
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
            left = gain.mean < low
            axes.text(
                low if left else high,
                place,
                f" ◂ {_ends_text(gain)}" if left else f"{_ends_text(gain)} ▸ ",
                ha="left" if left else "right",
                va="center",
                color=colour,
                size=9,
            )
    axes.axvline(0, color=INK, linewidth=1)
    axes.set_xlim(low, high)
    axes.set_yticks(range(len(info.names)), info.names, color=INK)
    axes.set_ylim(len(info.names) - 0.5, -0.5)
    axes.grid(axis="y", visible=False)
    axes.set_xlabel(f"{info.label} against {info.baseline}")
    return figure


def _ends_text(interval: Interval) -> str:
    mean, low, high = (f"{value:.3g}" for value in interval)
    return mean if math.isnan(interval.low) else f"{mean} [{low}, {high}]"


class CurvesInfo(NamedTuple):
    """Validation and training metric by epoch, in printed units."""

    names: list[str]
    validation: list[np.ndarray]
    train: list[np.ndarray]
    baseline: int
    label: str
    logarithmic: bool


def curves_info(study: StudyResult) -> CurvesInfo:
    """Collect the curves of the judged lines, of shape (n_seeds, n_epochs) each."""
    factor = study.measure.factor
    lines = study.judged
    return CurvesInfo(
        names=[line.name for line in lines],
        validation=[factor * line.curves("validation") for line in lines],
        train=[factor * line.curves("train") for line in lines],
        baseline=lines.index(study.baseline),
        label=f"{study.measure.name} in {study.measure.unit}",
        logarithmic=not study.measure.greater_is_better,
    )


def plot_curves(info: CurvesInfo) -> Figure:
    """Plot a panel a row: mean over the seeds, a band from the lowest to the highest of them."""
    columns = 3
    rows = -(-len(info.names) // columns)
    figure = Figure(figsize=(8.6, 0.5 + 2.0 * rows))
    panels = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    goal = _across_seeds(np.nanmean, info.validation[info.baseline])
    low, high = _curve_window(info)
    for index, axes in enumerate(panels.flat):
        if index >= len(info.names):
            axes.set_visible(False)
            continue
        _curve_panel(axes, info, index, goal)
        axes.set_title(info.names[index])
        if info.logarithmic:
            axes.set_yscale("log")
            axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
            axes.yaxis.set_minor_formatter(NullFormatter())
        axes.set_ylim(low, high)
        axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
        last = _across_seeds(np.nanmean, info.validation[index])[-1:]
        if last.size and not low <= last[0] <= high:
            axes.text(
                0.5,
                0.5,
                f"outside: {last[0]:.3g}",
                ha="center",
                color=BAD,
                transform=axes.transAxes,
            )
    for axes in panels.flat[max(0, len(info.names) - columns) : len(info.names)]:
        axes.set_xlabel("epoch")
        axes.tick_params(labelbottom=True)
    figure.supylabel(info.label, size=10, color=SOFT)
    handles = panels.flat[0].get_legend_handles_labels()
    figure.legend(*handles, loc="outside lower center", ncols=4)
    return figure


def _curve_panel(axes: Axes, info: CurvesInfo, index: int, goal: np.ndarray) -> None:
    axes.plot(
        range(1, len(goal) + 1),
        goal,
        color=BASE,
        linewidth=1.5,
        label=f"{info.names[info.baseline]}, validation",
    )
    validation, train = info.validation[index], info.train[index]
    epochs = range(1, validation.shape[1] + 1)
    if not len(epochs) or np.isnan(validation).all():
        axes.text(0.5, 0.5, "diverged", ha="center", color=BAD, transform=axes.transAxes)
        return
    axes.fill_between(
        epochs,
        _across_seeds(np.nanmin, validation),
        _across_seeds(np.nanmax, validation),
        color=FIRST,
        alpha=0.2,
        linewidth=0,
        label="lowest to highest seed",
    )
    axes.plot(
        epochs,
        _across_seeds(np.nanmean, validation),
        color=FIRST,
        linewidth=1.8,
        label="validation, mean",
    )
    axes.plot(
        epochs,
        _across_seeds(np.nanmean, train),
        ":",
        color=SECOND,
        linewidth=1.8,
        label="training, mean",
    )


def _across_seeds(how, curves: np.ndarray) -> np.ndarray:
    trained = curves[np.isfinite(curves).any(axis=1)]
    return how(trained, axis=0) if len(trained) else np.array([])


def _curve_window(info: CurvesInfo) -> tuple[float, float]:
    """Limits that hold the later epochs of most rows."""
    later = [
        curve[curve.size // 5 :]
        for curves in (*info.validation, *info.train)
        if (curve := _across_seeds(np.nanmean, curves)).size
    ]
    values = np.concatenate(later) if later else np.array([1.0])
    if info.logarithmic:
        low, high = np.log(_positive(np.nanquantile(values, [0.0, 0.93])))
        return float(np.exp(low - 0.05)), float(np.exp(high + 0.25 * (high - low) + 0.05))
    low, high = np.nanquantile(values, [0.25, 1.0])
    margin = max(high - low, 1e-6)
    return float(low - 0.8 * margin), float(high + 0.1 * margin)


def _positive(values: np.ndarray) -> np.ndarray:
    return np.maximum(values, 1e-12)


class TimesInfo(NamedTuple):
    """Validation metric against the time of an epoch, as a ratio to the baseline's."""

    names: list[str]
    ratios: list[Interval]
    scores: list[Interval]
    baseline: int | None
    label: str


def times_info(study: StudyResult) -> TimesInfo:
    """Collect ratios of epoch time and printed validation metrics of the judged lines."""
    factor = study.measure.factor
    trained = [line for line in study.judged if not line.n_failed]
    return TimesInfo(
        names=[line.name for line in trained],
        ratios=[study.time_ratio(line) for line in trained],
        scores=[line.interval(study.judging).times(factor) for line in trained],
        baseline=trained.index(study.baseline) if study.baseline in trained else None,
        label=f"validation {study.measure.name} in {study.measure.unit}",
    )


def plot_times(info: TimesInfo) -> Figure:
    """Plot score against relative time, each point named."""
    figure = Figure(figsize=(8.6, 4.4))
    axes = figure.subplots()
    means = [score.mean for score in info.scores]
    usual = float(np.median(means)) if info.baseline is None else means[info.baseline]
    ends = [value for score in info.scores for value in score]
    low, high = axis_window(ends, keep=usual, spread=8.0)
    shown = [place for place, mean in enumerate(means) if low <= mean <= high]
    for place in shown:
        score, ratio = info.scores[place], info.ratios[place]
        if math.isfinite(score.low):
            axes.plot([ratio.mean] * 2, [score.low, score.high], color=BASE, linewidth=1)
            axes.plot([ratio.low, ratio.high], [score.mean] * 2, color=BASE, linewidth=1)
        axes.plot(ratio.mean, score.mean, "o", color=FIRST, markersize=7)
    axes.set_ylim(low, high)
    _name_points(axes, [(info.ratios[i].mean, means[i], info.names[i]) for i in shown], low, high)
    outside = [f"{info.names[i]}: {means[i]:.3g}" for i in range(len(means)) if i not in shown]
    if outside:
        axes.set_title("outside: " + "; ".join(outside), color=BAD)
    axes.set_xlim(0, 1.1 * max(1.2, *(info.ratios[i].mean for i in shown)))
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
