"""Figures of the hidden activations: first the numbers, then the picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from pipelines.report.drawing import BASE, FIRST, GOOD, INK, SECOND, SOFT
from pipelines.search import FoldResult
from pipelines.study import ClaimResult

__all__ = [
    "DeadInfo",
    "MomentsInfo",
    "dead_info",
    "moments_info",
    "plot_dead",
    "plot_moments",
]

# Told apart by mark and dash too.
_STYLES = (
    (FIRST, "o", "-"),
    (SECOND, "s", "--"),
    (GOOD, "^", "-."),
    (BASE, "D", ":"),
)


class MomentsInfo(NamedTuple):
    """Mean and deviation by hidden layer, by arm; each of shape (n_seeds, n_layers)."""

    labels: list[str]
    means: list[np.ndarray]
    deviations: list[np.ndarray]


def moments_info(claims: Sequence[ClaimResult]) -> MomentsInfo:
    """Collect mean and deviation of all arms of claims about their drift."""
    runs = _runs_by_arm(claims, "drift")
    return MomentsInfo(
        labels=list(runs),
        means=[np.array([one.activations["mean"] for one in own]) for own in runs.values()],
        deviations=[
            np.array([one.activations["deviation"] for one in own]) for own in runs.values()
        ],
    )


def _runs_by_arm(claims: Sequence[ClaimResult], quantity: str) -> dict[str, list[FoldResult]]:
    """The runs that came to their end, of arms that have some, by label."""
    arms = {
        arm.label: [run for run in arm.measured if run]
        for result in claims
        if result.claim.quantity == quantity
        for arm in result.arms.values()
    }
    return {label: runs for label, runs in arms.items() if runs}


def plot_moments(info: MomentsInfo) -> Figure:
    """Plot mean and deviation against the layer, a curve an arm."""
    figure = Figure(figsize=(8.6, 3.6))
    panels = figure.subplots(1, 2, sharex=True)
    for axes, values, ideal, title in (
        (panels[0], info.means, 0, "mean of the outputs"),
        (panels[1], info.deviations, 1, "standard deviation of the outputs"),
    ):
        axes.axhline(ideal, color=INK, linewidth=1)
        for (colour, mark, dash), label, by_seed in zip(_STYLES, info.labels, values, strict=False):
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


def dead_info(claims: Sequence[ClaimResult]) -> DeadInfo:
    """Collect the shares of dead units of all arms of claims about them."""
    runs = _runs_by_arm(claims, "dead")
    shares = [np.array([one.activations["dead"] for one in own]) for own in runs.values()]
    return DeadInfo(list(runs), shares)


def plot_dead(info: DeadInfo) -> Figure:
    """Plot the share of dead units of each layer as bars, a dot a seed."""
    figure = Figure(figsize=(8.6, 3.0))
    axes = figure.subplots()
    width = 0.8 / max(1, len(info.labels))
    for arm, (label, shares) in enumerate(zip(info.labels, info.shares, strict=True)):
        colour, mark, _ = _STYLES[arm % len(_STYLES)]
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
