"""Dot plots of differences and of importances: first the numbers, then the picture."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from markupsafe import Markup

from pipelines.report.chart import Strip, strips
from pipelines.report.metric import PrintedMetric
from pipelines.report.scale import Scale, scale_of
from pipelines.report.sentences import difference_text, p_text
from pipelines.report.verdict import SearchVerdict
from pipelines.report.worth import Worth, effect_label, effect_sentence
from pipelines.statistics import LEVEL, Comparison, Interval, Verdict

__all__ = [
    "DifferencesInfo",
    "differences_info",
    "effects_info",
    "plot_differences",
    "plot_importances",
]

_MOST_ROWS = 24

_KINDS: dict[Verdict, tuple[str, str]] = {
    "better": ("good", "up"),
    "worse": ("bad", "down"),
    "no difference shown": ("soft", "dot"),
    "fails": ("bad", "dot"),
    "no verdict": ("soft", "dot"),
}


class DifferencesInfo(NamedTuple):
    """Differences of the metric with intervals, in printed units; of an error less is better."""

    labels: list[str]
    differences: list[Interval]
    verdicts: list[Verdict]
    texts: list[str]
    tips: list[str]
    axis: str


def differences_info(verdict: SearchVerdict) -> DifferencesInfo:
    """Collect the differences from the winner, of baselines and of the best configurations."""
    named = [(name, comparison) for name, comparison in verdict.rivals.items()]
    named += [
        (one.candidate.name, verdict.comparisons[one.candidate.number])
        for one in verdict.ranked
        if one is not verdict.winner
    ][: _MOST_ROWS - len(named)]
    return _differences(
        [
            (name, comparison, _comparison_tip(name, comparison, verdict.metric))
            for name, comparison in named
        ],
        verdict.metric,
        _axis(verdict.metric, " from the winner"),
    )


def effects_info(worth: Worth) -> DifferencesInfo:
    """Collect the effects of matched pairs, the greatest gain first."""
    return _differences(
        [
            (effect_label(effect), effect.comparison, effect_sentence(effect, worth.metric))
            for effect in worth.effects[:_MOST_ROWS]
        ],
        worth.metric,
        _axis(worth.metric),
    )


def _axis(metric: PrintedMetric, reference: str = "") -> str:
    unit = f", {metric.difference_unit}" if metric.difference_unit else ""
    side = "right" if metric.greater_is_better else "left"
    return f"difference in {metric.name}{reference}{unit}; {side} of 0 is better"


def _comparison_tip(name: str, comparison: Comparison, metric: PrintedMetric) -> str:
    told = f"{name}: {comparison.verdict}, {difference_text(comparison.difference, metric)}"
    if comparison.verdict == "worse" and not comparison.p_adjusted < LEVEL:  # not by the test
        return f"{told}, below a constant prediction in every fold"
    return told if math.isnan(comparison.p_adjusted) else f"{told}, {p_text(comparison.p_adjusted)}"


def _differences(
    named: Sequence[tuple[str, Comparison, str]], metric: PrintedMetric, axis: str
) -> DifferencesInfo:
    return DifferencesInfo(
        labels=[name for name, _, _ in named],
        differences=[comparison.difference.times(metric.factor) for _, comparison, _ in named],
        verdicts=[comparison.verdict for _, comparison, _ in named],
        texts=[metric.text(comparison.difference.mean, signed=True) for _, comparison, _ in named],
        tips=[tip for _, _, tip in named],
        axis=axis,
    )


def plot_differences(info: DifferencesInfo) -> Markup:
    """Plot each difference with its 95 % interval; the scale is that of most means."""
    rows = [
        Strip(label, text, difference, tip, *_KINDS[verdict])
        for label, difference, verdict, text, tip in zip(
            info.labels, info.differences, info.verdicts, info.texts, info.tips, strict=True
        )
    ]
    return strips(rows, _scale(info.differences), label=info.axis, zero=0.0)


def _scale(differences: Sequence[Interval]) -> Scale:
    """A scale on which intervals can be told apart; the widest few are cut, with an arrow."""
    widths = [abs(one.mean) for one in differences if math.isfinite(one.mean)]
    widths += [abs(end) for one in differences for end in one[1:] if math.isfinite(end)]
    reach = float(np.quantile(widths, 0.8)) if widths else 1.0
    ends = [
        max(-reach, min(reach, value))
        for one in differences
        for value in one
        if math.isfinite(value)
    ]
    return scale_of(ends, keep=[0.0])


def plot_importances(worth: Worth) -> Markup:
    """Plot the share of the score's variance that each hyperparameter explains."""
    rows = [
        Strip(
            name,
            f"{100 * share.mean:.0f} %",
            share.times(100),
            f"{name}: {100 * share.mean:.1f} %",
            mark="bar",
        )
        for name, share in worth.importances.items()
        if round(100 * share.high) > 0
    ]
    return strips(rows, Scale(0, 100), label="share of the variance of the score, %")
