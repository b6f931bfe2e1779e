"""Figures of a search: first the numbers, then the picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import plotly.graph_objects as go

from pipelines.search import Evaluation

__all__ = [
    "CurvesInfo",
    "ParallelInfo",
    "TradeoffInfo",
    "curves_info",
    "parallel_info",
    "plot_curves",
    "plot_parallel",
    "plot_tradeoff",
    "tradeoff_info",
]

# Okabe and Ito's colours, which colour-blind readers tell apart (https://jfly.uni-koeln.de/color/).
_COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00")


class TradeoffInfo(NamedTuple):
    """Score against fit time, a point a configuration."""

    names: list[str]
    seconds: list[float]
    scores: list[float]
    deviations: list[float]
    metric: str


def tradeoff_info(evaluations: Sequence[Evaluation], metric: str) -> TradeoffInfo:
    """Collect mean score, its deviation over the folds and mean fit seconds."""
    complete = [evaluation for evaluation in evaluations if evaluation.folds]
    return TradeoffInfo(
        names=[evaluation.candidate.name for evaluation in complete],
        seconds=[evaluation.fit_seconds for evaluation in complete],
        scores=[evaluation.validation_mean(metric) for evaluation in complete],
        deviations=[evaluation.validation_std(metric) for evaluation in complete],
        metric=metric,
    )


def plot_tradeoff(info: TradeoffInfo) -> go.Figure:
    """Plot validation score against fit time."""
    figure = go.Figure(
        go.Scatter(
            x=info.seconds,
            y=info.scores,
            error_y={"type": "data", "array": info.deviations, "thickness": 1},
            text=info.names,
            mode="markers",
            marker={"size": 10, "color": _COLOURS[0]},
            hovertemplate="%{text}<br>%{x:.2f} s, %{y:.4f}<extra></extra>",
        )
    )
    best = int(np.nanargmax(info.scores))
    figure.add_annotation(
        x=info.seconds[best],
        y=info.scores[best],
        text=info.names[best],
        showarrow=False,
        yshift=14,
        xshift=8,
        xanchor="left",
    )
    figure.update_xaxes(title="fit time of one fold (seconds)", rangemode="tozero")
    figure.update_yaxes(title=f"validation {info.metric} (mean ± std over the folds)")
    return figure


class CurvesInfo(NamedTuple):
    """Learning curves of the best configurations."""

    names: list[str]
    train: list[list[float]]
    validation: list[list[float] | None]


def curves_info(evaluations: Sequence[Evaluation], metric: str, n_best: int = 5) -> CurvesInfo:
    """Collect the loss by epoch of the best configurations, best first."""
    complete = [evaluation for evaluation in evaluations if evaluation.folds]
    best = sorted(
        complete, key=lambda one: -np.nan_to_num(one.validation_mean(metric), nan=-np.inf)
    )
    curves = [evaluation.curves for evaluation in best[:n_best]]
    return CurvesInfo(
        names=[evaluation.candidate.name for evaluation in best[:n_best]],
        train=[curve["loss"] for curve in curves],
        validation=[curve.get("val_loss") for curve in curves],
    )


def plot_curves(info: CurvesInfo) -> go.Figure:
    """Plot loss against epoch: training dotted, validation solid."""
    figure = go.Figure()
    for index, name in enumerate(info.names):
        colour = _COLOURS[index % len(_COLOURS)]
        train, validation = info.train[index], info.validation[index]
        for curve, dash, rows in ((train, "dot", "training"), (validation, "solid", "validation")):
            if curve is not None:
                figure.add_scatter(
                    x=list(range(1, len(curve) + 1)),
                    y=curve,
                    name=name,
                    legendgroup=name,
                    showlegend=dash == "dot" if validation is None else dash == "solid",
                    line={"color": colour, "dash": dash, "width": 2},
                    hovertemplate=f"{rows}, epoch %{{x}}: %{{y:.4f}}<extra>{name}</extra>",
                )
    figure.update_xaxes(title="epoch")
    figure.update_yaxes(title="loss (training dotted, validation solid)", type="log", dtick=1)
    return figure


class ParallelInfo(NamedTuple):
    """Hyperparameters that vary, with the score; one line a configuration."""

    columns: dict[str, list[object]]
    scores: list[float]
    metric: str


def parallel_info(evaluations: Sequence[Evaluation], metric: str) -> ParallelInfo:
    """Collect the hyperparameters that are not the same everywhere."""
    complete = [evaluation for evaluation in evaluations if evaluation.folds]
    settings = [evaluation.candidate.hyperparameters for evaluation in complete]
    columns = {name: [setting[name] for setting in settings] for name in settings[0]}
    varied = {
        name: values
        for name, values in columns.items()
        if len({repr(value) for value in values}) > 1
    }
    return ParallelInfo(
        columns=varied,
        scores=[evaluation.validation_mean(metric) for evaluation in complete],
        metric=metric,
    )


def plot_parallel(info: ParallelInfo) -> go.Figure:
    """Plot parallel coordinates, coloured by score."""
    dimensions = [{"label": name, **_dimension(values)} for name, values in info.columns.items()]
    dimensions.append({"label": f"validation {info.metric}", "values": info.scores})
    return go.Figure(
        go.Parcoords(
            line={"color": info.scores, "colorscale": "Viridis", "showscale": True},
            dimensions=dimensions,
            labelangle=-15,
        )
    )


def _dimension(values: Sequence[object]) -> dict[str, object]:
    numbers = [
        value for value in values if isinstance(value, (int, float)) and not isinstance(value, bool)
    ]
    if len(numbers) == len(values):
        return {"values": values}
    levels = sorted({_level(value) for value in values})
    return {
        "values": [levels.index(_level(value)) for value in values],
        "tickvals": list(range(len(levels))),
        "ticktext": levels,
    }


def _level(value: object) -> str:
    return "-".join(map(str, value)) if isinstance(value, tuple) else str(value).lower()
