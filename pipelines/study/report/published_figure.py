"""The figure of the published figures beside ours: first the numbers, then the picture."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pipelines.report.drawing import (
    FIRST,
    INK,
    SECOND,
    SOFT,
    axis_window,
    draw_interval,
    note_outside,
)
from pipelines.statistics import Interval, prediction_interval
from pipelines.study import VARIANTS, ArmResult, StudyResult

__all__ = ["PublishedInfo", "plot_published", "published_info"]


class PublishedInfo(NamedTuple):
    """Published validation figures beside ours, in printed units."""

    labels: list[str]
    table: list[float]
    output: list[float | None]
    described: list[tuple[Interval, Interval] | None]
    as_run: list[tuple[Interval, Interval] | None]
    label: str


def published_info(study: StudyResult) -> PublishedInfo:
    """Collect, for each published figure, it and our means with both intervals."""
    factor = study.metric.factor
    publications = study.design.publications

    def ours(result: ArmResult | None) -> tuple[Interval, Interval] | None:
        if result is None:
            return None
        values = factor * result.values("validation")
        return result.interval("validation").times(factor), prediction_interval(values)

    pairs = [tuple(study.arm(one.arm, variant) for variant in VARIANTS) for one in publications]
    return PublishedInfo(
        labels=[one.label for one in publications],
        table=[factor * one.table.validation for one in publications],
        output=[factor * one.output.validation if one.output else None for one in publications],
        described=[ours(described) for described, _ in pairs],
        as_run=[ours(as_run) if as_run is not described else None for described, as_run in pairs],
        label=f"validation {study.metric.name} in {study.metric.unit}",
    )


def plot_published(info: PublishedInfo) -> Figure:
    """Plot published figures as diamonds over our intervals."""
    figure = Figure(figsize=(8.6, 1.3 + 0.5 * len(info.labels)))
    axes = figure.subplots()
    shown = [*info.table, *(value for value in info.output if value is not None)]
    means = [ours[0].mean for ours in (*info.described, *info.as_run) if ours]
    low, high = axis_window([*shown, *means], keep=float(np.median(shown)), spread=8.0)
    axes.set_xlim(low, high)
    for place in range(len(info.labels)):
        for ours, shift, colour in (
            (info.described[place], -0.13, FIRST),
            (info.as_run[place], 0.13, SECOND),
        ):
            if ours is not None:
                _interval_mark(axes, *ours, place + shift, colour)
        axes.plot(info.table[place], place, "D", color=INK, markersize=7)
        output = info.output[place]
        if output is not None:
            axes.plot(output, place, "D", markeredgecolor=INK, markerfacecolor="none", markersize=7)
        _note_outside(axes, info, place, low, high)
    for label, mark, edge, face in (
        ("published, in the table", "D", INK, INK),
        ("in the notebook's output", "D", INK, "none"),
        ("ours, as described", "o", FIRST, FIRST),
        ("ours, as run", "o", SECOND, SECOND),
    ):
        axes.plot([], [], mark, markeredgecolor=edge, markerfacecolor=face, label=label)
    axes.set_yticks(range(len(info.labels)), info.labels, color=INK)
    axes.set_ylim(len(info.labels) - 0.5, -0.5)
    axes.grid(axis="y", visible=False)
    axes.set_xlabel(info.label)
    figure.legend(loc="outside lower center", ncols=4)
    return figure


def _interval_mark(
    axes: Axes, ours: Interval, one_run: Interval, place: float, colour: str
) -> None:
    draw_interval(axes, one_run.low, one_run.high, place, colour=colour, width=1)
    draw_interval(axes, ours.low, ours.high, place, colour=colour, width=3.5)
    axes.plot(ours.mean, place, "o", color=colour, markersize=6)


def _note_outside(axes: Axes, info: PublishedInfo, place: int, low: float, high: float) -> None:
    told = {"published": info.table[place]}
    for name, ours in (("described", info.described[place]), ("run", info.as_run[place])):
        if ours is not None:
            told[name] = ours[0].mean
    outside = {name: value for name, value in told.items() if not low <= value <= high}
    if outside:
        left = next(iter(outside.values())) < low
        words = ", ".join(f"{name} {value:.4g}" for name, value in outside.items())
        note_outside(axes, place - 0.32, words, is_left=left, colour=SOFT)
