"""Figures of a search: first the numbers, then the picture."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np
from markupsafe import Markup

from pipelines.optuna_search.objectives import OBJECTIVES
from pipelines.report.chart import Line, Points, plot
from pipelines.report.metric import PrintedMetric
from pipelines.report.scale import Scale, scale_of
from pipelines.report.sentences import seconds_text
from pipelines.report.verdict import SearchVerdict, training_seconds
from pipelines.search import Evaluation

__all__ = [
    "CurvesInfo",
    "HistoryInfo",
    "ParetoInfo",
    "TradeoffInfo",
    "curves_info",
    "history_info",
    "pareto_info",
    "plot_curves",
    "plot_history",
    "plot_pareto",
    "plot_tradeoff",
    "tradeoff_info",
]

_N_CURVES = 5


class TradeoffInfo(NamedTuple):
    """Score against training time, a point a configuration, the best first."""

    names: list[str]
    seconds: list[float]
    scores: list[float]
    deviations: list[float]
    are_tied: list[bool]
    title: str


def tradeoff_info(verdict: SearchVerdict) -> TradeoffInfo:
    """Collect mean score, its deviation over the folds, and seconds of training, warm."""
    metric = verdict.metric
    return TradeoffInfo(
        names=[one.candidate.name for one in verdict.ranked],
        seconds=[training_seconds(one) for one in verdict.ranked],
        scores=[_printed(one.validation_mean(metric.scorer), metric) for one in verdict.ranked],
        deviations=[metric.factor * one.validation_std(metric.scorer) for one in verdict.ranked],
        are_tied=[verdict.is_tied(one) for one in verdict.ranked],
        title=f"validation {metric.title}",
    )


def _printed(score: float, metric: PrintedMetric) -> float:
    return metric.factor * metric.value(score)


def plot_tradeoff(info: TradeoffInfo) -> Markup:
    """Plot validation score against the time of training."""
    low = [mean - deviation for mean, deviation in zip(info.scores, info.deviations, strict=True)]
    high = [mean + deviation for mean, deviation in zip(info.scores, info.deviations, strict=True)]
    marks = []
    for tied, kind in ((False, "base"), (True, "first")):
        which = [n for n, one in enumerate(info.are_tied) if one is tied]
        marks.append(
            Points(
                x=[info.seconds[n] for n in which],
                y=[info.scores[n] for n in which],
                low=[low[n] for n in which],
                high=[high[n] for n in which],
                kind=kind,
                tips=[
                    f"{info.names[n]}: {info.scores[n]:.4g} ± {info.deviations[n]:.2g}, "
                    f"{seconds_text(info.seconds[n])}"
                    for n in which
                ],
                names=["the best" if n == 0 else "" for n in which],
            )
        )
    is_log = max(info.seconds) > 10 * max(min(info.seconds), 1e-9)
    return plot(
        marks,
        scale_of(info.seconds, is_log=is_log, margin=0.06),
        _score_scale(info.scores, [*low, *high]),
        x_label="training of one fold, seconds, without compiling",
        y_label=info.title,
    )


def _score_scale(scores: Sequence[float], ends: Sequence[float]) -> Scale:
    """A scale of most scores; the few far away lie at its ends."""
    middle = float(np.median(scores))
    spread = float(np.median(np.abs(np.subtract(scores, middle))))
    reach = 8 * spread if len(scores) >= 10 and spread else math.inf
    return scale_of([value for value in [*scores, *ends] if abs(value - middle) <= reach])


class CurvesInfo(NamedTuple):
    """Learning curves of the best configurations."""

    names: list[str]
    train: list[list[float]]
    validation: list[list[float] | None]


def curves_info(evaluations: Sequence[Evaluation], n_best: int = _N_CURVES) -> CurvesInfo:
    """Collect the loss by epoch of the first of some ranked evaluations."""
    curves = [evaluation.curves for evaluation in evaluations[:n_best]]
    return CurvesInfo(
        names=[evaluation.candidate.name for evaluation in evaluations[:n_best]],
        train=[curve["loss"] for curve in curves],
        validation=[curve.get("val_loss") for curve in curves],
    )


def plot_curves(info: CurvesInfo) -> Markup:
    """Plot loss against epoch: training dotted, validation solid."""
    marks: list[Points | Line] = []
    values: list[float] = []
    for index, name in enumerate(info.names):
        curves = (
            (info.train[index], "training", True),
            (info.validation[index], "validation", False),
        )
        for curve, rows, is_dotted in curves:
            if curve is not None:
                epochs = [*range(1, len(curve) + 1)]
                tip = f"{name}, {rows}: {curve[-1]:.4g} at the end"
                marks.append(Line(epochs, curve, tip, f"series-{index}", is_dotted))
                values += curve
    longest = max(len(curve) for curve in info.train)
    return plot(
        marks,
        Scale(1, max(longest, 2)),
        scale_of(values, is_log=True),
        x_label="epoch",
        y_label="loss: validation solid, training dotted",
    )


class ParetoInfo(NamedTuple):
    """Two objectives of a search, a point a configuration."""

    names: list[str]
    x: list[float]
    y: list[float]
    are_in_front: list[bool]
    x_label: str
    y_label: str


def pareto_info(
    evaluations: Sequence[Evaluation],
    front: Collection[int],
    objectives: tuple[str, str],
    metric: PrintedMetric,
) -> ParetoInfo:
    """Collect two objectives of the complete evaluations, and who is in the Pareto front."""
    complete = [one for one in evaluations if one.folds]
    first, second = objectives

    def values(name: str) -> list[float]:
        found = [OBJECTIVES[name].value(one, metric.scorer) for one in complete]
        return [_printed(value, metric) for value in found] if name == "score" else found

    def label(name: str) -> str:
        return f"validation {metric.title}" if name == "score" else name

    return ParetoInfo(
        names=[one.candidate.name for one in complete],
        x=values(second),
        y=values(first),
        are_in_front=[one.candidate.number in front for one in complete],
        x_label=label(second),
        y_label=label(first),
    )


def plot_pareto(info: ParetoInfo) -> Markup:
    """Plot one objective against another; no configuration beats one in the front in all."""
    marks = []
    for is_in_front, kind in ((False, "base"), (True, "first")):
        which = [n for n, one in enumerate(info.are_in_front) if one is is_in_front]
        marks.append(
            Points(
                x=[info.x[n] for n in which],
                y=[info.y[n] for n in which],
                tips=[f"{info.names[n]}: {info.y[n]:.4g}, {info.x[n]:.4g}" for n in which],
                kind=kind,
            )
        )
    is_log = min(info.x) > 0 and max(info.x) > 10 * min(info.x)
    return plot(
        marks,
        scale_of(info.x, is_log=is_log, margin=0.06),
        _score_scale(info.y, []),
        x_label=info.x_label,
        y_label=info.y_label,
    )


class HistoryInfo(NamedTuple):
    """Scores by trial, in printed units, of a search that draws."""

    numbers: list[int]
    scores: list[float]
    names: list[str]
    best: list[float]
    pruned: list[int]
    n_first: int
    title: str


def history_info(
    evaluations: Sequence[Evaluation], metric: PrintedMetric, n_first: int
) -> HistoryInfo:
    """Collect the scores in the order of the trials, and the best of them so far."""
    complete = [one for one in evaluations if one.folds]
    scores = np.array([one.validation_mean(metric.scorer) for one in complete])
    return HistoryInfo(
        numbers=[one.candidate.number for one in complete],
        scores=[_printed(score, metric) for score in scores],
        names=[one.candidate.name for one in complete],
        best=[_printed(score, metric) for score in np.maximum.accumulate(scores)],
        pruned=[one.candidate.number for one in evaluations if one.status == "pruned"],
        n_first=n_first,
        title=f"validation {metric.title}",
    )


def plot_history(info: HistoryInfo) -> Markup:
    """Plot scores by trial, the best so far as a line, pruned trials in grey at the bottom."""
    y = _score_scale(info.scores, [])
    first = [n for n, number in enumerate(info.numbers) if number < info.n_first]
    drawn = [n for n, number in enumerate(info.numbers) if number >= info.n_first]
    last = max([*info.numbers, *info.pruned])
    ends = [*info.numbers[1:], last]
    steps = [
        (place, best)
        for start, end, best in zip(info.numbers, ends, info.best, strict=True)
        for place, best in ((start, best), (end, best))
    ]
    marks: list[Points | Line] = [
        Line([x for x, _ in steps], [best for _, best in steps], "the best so far", "good"),
        Points(
            x=info.pruned,
            y=[y.low] * len(info.pruned),
            tips=[f"#{number}: pruned" for number in info.pruned],
            kind="base",
            size=4,
        ),
    ]
    for which, kind in ((first, "second"), (drawn, "first")):
        marks.append(
            Points(
                x=[info.numbers[n] for n in which],
                y=[info.scores[n] for n in which],
                tips=[f"{info.names[n]}: {info.scores[n]:.4g}" for n in which],
                kind=kind,
            )
        )
    return plot(marks, scale_of([0, last]), y, x_label="trial", y_label=info.title)
