"""The figure of the learning curves: first the numbers, then the picture."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from pipelines.report.drawing import BAD, BASE, FIRST, SECOND, SOFT
from pipelines.study import StudyResult

__all__ = ["CurvesInfo", "curves_info", "plot_curves"]


class CurvesInfo(NamedTuple):
    """Validation and training metric by epoch, in printed units."""

    names: list[str]
    validation: list[np.ndarray]
    train: list[np.ndarray]
    baseline: int
    label: str
    logarithmic: bool


def curves_info(study: StudyResult) -> CurvesInfo:
    """Collect curves of shape (n_seeds, n_epochs): of combinations where one factor is changed."""
    factor = study.metric.factor
    arms = study.single_changes
    return CurvesInfo(
        names=[arm.label for arm in arms],
        validation=[factor * arm.curves("validation") for arm in arms],
        train=[factor * arm.curves("train") for arm in arms],
        baseline=arms.index(study.baseline),
        label=f"{study.metric.name} in {study.metric.unit}",
        logarithmic=not study.metric.greater_is_better,
    )


def plot_curves(info: CurvesInfo) -> Figure:
    """Plot a panel an arm: mean over the seeds, a band from the lowest to the highest of them."""
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


def _across_seeds(how: Callable[..., np.ndarray], curves: np.ndarray) -> np.ndarray:
    trained = curves[np.isfinite(curves).any(axis=1)]
    return how(trained, axis=0) if len(trained) else np.array([])


def _curve_window(info: CurvesInfo) -> tuple[float, float]:
    """Limits that hold the later epochs of most arms."""
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
