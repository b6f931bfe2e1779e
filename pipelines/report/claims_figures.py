"""Figures of the claims: first the numbers, then the picture."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from pipelines.report.drawing import BASE, FIRST, GOOD, INK, SECOND, SOFT
from pipelines.techniques import ClaimResult, LineResult

__all__ = ["DeadInfo", "LayersInfo", "dead_info", "layers_info", "plot_dead", "plot_layers"]

# Told apart by mark and dash too.
_LINES = (
    (FIRST, "o", "-"),
    (SECOND, "s", "--"),
    (GOOD, "^", "-."),
    (BASE, "D", ":"),
)


class LayersInfo(NamedTuple):
    """Mean and deviation of the layers' outputs, by arm; each of shape (n_seeds, n_layers)."""

    labels: list[str]
    means: list[np.ndarray]
    deviations: list[np.ndarray]


def layers_info(claims: tuple[ClaimResult, ...]) -> LayersInfo:
    """Collect the layers' outputs of all arms of claims about their drift."""
    arms = {
        line.line.row.label: line
        for result in claims
        if result.claim.quantity == "drift"
        for line in result.lines.values()
    }
    trained = {label: list(_layers(line)) for label, line in arms.items()}
    known = {label: layers for label, layers in trained.items() if layers}
    return LayersInfo(
        labels=list(known),
        means=[np.array([one["mean"] for one in layers]) for layers in known.values()],
        deviations=[np.array([one["deviation"] for one in layers]) for layers in known.values()],
    )


def _layers(line: LineResult) -> Iterator[dict[str, list[float]]]:
    for evaluation in line.evaluations:
        if evaluation.folds:
            yield evaluation.folds[0].layers


def plot_layers(info: LayersInfo) -> Figure:
    """Plot mean and deviation against the layer, a line an arm."""
    figure = Figure(figsize=(8.6, 3.6))
    panels = figure.subplots(1, 2, sharex=True)
    for axes, values, ideal, title in (
        (panels[0], info.means, 0, "mean of the outputs"),
        (panels[1], info.deviations, 1, "standard deviation of the outputs"),
    ):
        axes.axhline(ideal, color=INK, linewidth=1)
        for (colour, mark, dash), label, by_seed in zip(_LINES, info.labels, values, strict=False):
            layers = range(1, by_seed.shape[1] + 1)
            axes.plot(
                layers, by_seed.mean(axis=0), color=colour, marker=mark, linestyle=dash, label=label
            )
            axes.fill_between(
                layers, by_seed.min(axis=0), by_seed.max(axis=0), color=colour, alpha=0.15, lw=0
            )
        axes.set_title(title)
        axes.set_xlabel("hidden layer")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return figure


class DeadInfo(NamedTuple):
    """Share of dead units by hidden layer, by arm; each of shape (n_seeds, n_layers)."""

    labels: list[str]
    shares: list[np.ndarray]


def dead_info(claims: tuple[ClaimResult, ...]) -> DeadInfo:
    """Collect the shares of dead units of all arms of claims about them."""
    arms = {
        line.line.row.label: [layers["dead"] for layers in _layers(line)]
        for result in claims
        if result.claim.quantity == "dead"
        for line in result.lines.values()
    }
    known = {label: shares for label, shares in arms.items() if shares}
    return DeadInfo(list(known), [np.array(shares) for shares in known.values()])


def plot_dead(info: DeadInfo) -> Figure:
    """Plot the share of dead units of each layer as bars, a dot a seed."""
    figure = Figure(figsize=(8.6, 3.0))
    axes = figure.subplots()
    width = 0.8 / max(1, len(info.labels))
    for arm, (label, shares) in enumerate(zip(info.labels, info.shares, strict=True)):
        colour, mark, _ = _LINES[arm % len(_LINES)]
        places = np.arange(1, shares.shape[1] + 1) + (arm - (len(info.labels) - 1) / 2) * width
        axes.bar(places, shares.mean(axis=0), 0.9 * width, color=colour, alpha=0.45, label=label)
        for seed in shares:
            axes.plot(places, seed, mark, color=colour, markersize=3.5)
    axes.set_xlabel("hidden layer")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    axes.set_ylim(bottom=0)
    axes.set_ylabel("dead units", color=SOFT)
    if info.labels:
        figure.legend(loc="outside lower center", ncols=3)
    return figure
