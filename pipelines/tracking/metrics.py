"""Metrics and tags that MLflow is given of an evaluation.

What stands before a slash in a metric's name is the section of MLflow's charts that it is in.
Scores have none; folds, deviations, curves and times have sections of their own.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any

import numpy as np

from pipelines.tracking.tags import FINGERPRINT_TAG, NOTE_TAG, OUTCOME_TAG

__all__ = [
    "CURVES",
    "DEVIATION",
    "OVER_SEEDS",
    "SECTIONS",
    "Metric",
    "best_epoch_metrics",
    "curve_metrics",
    "epoch_metrics",
    "evaluation_metrics",
    "evaluation_tags",
    "finite_metrics",
    "group_metrics",
    "metric_names",
]

Metric = tuple[str, float, int, int]
"""Name, value, Unix time in milliseconds, and step (0 where it has none)."""

DEVIATION = "deviation/"
CURVES = "curves/"
_BEST_EPOCH = "best_epoch/"
_FOLDS = "folds/"
_TIME = "time/"
_NETWORK = "network/"
_DIAGNOSIS = "diagnosis/"
_DIAGNOSIS_BY_EPOCH = "diagnosis_by_epoch/"
OVER_SEEDS = "over_seeds"
SECTIONS = (
    *(
        prefix.removesuffix("/")
        for prefix in (
            _BEST_EPOCH,
            CURVES,
            DEVIATION,
            _DIAGNOSIS,
            _DIAGNOSIS_BY_EPOCH,
            _FOLDS,
            _NETWORK,
        )
    ),
    OVER_SEEDS,
    _TIME.removesuffix("/"),
)
"""The sections of metrics; that of seeds over a group is filled by studies."""

_MONITORED = "val_loss"

Content = Mapping[str, Any]
"""An evaluation as :func:`pipelines.search.dump_evaluation` writes it, read from JSON: the process
that delivers it does without :mod:`pipelines.search`, and thus without TensorFlow."""


def finite_metrics(values: Mapping[str, float], at: float, step: int = 0) -> list[Metric]:
    """Make metrics of values, under names that MLflow takes, without those that are not finite.

    MLflow stores inf as the largest float, which spoils every chart that it is in.

    Examples
    --------
    >>> finite_metrics({"f1 (macro)": 0.5, "loss": float("inf")}, at=1.5, step=2)
    [('f1 _macro_', 0.5, 1500, 2)]
    """
    return [
        (name, float(value), int(at * 1000), step)
        for name, value in zip(metric_names(values), values.values(), strict=True)
        if math.isfinite(value)
    ]


def metric_names(names: Iterable[str]) -> list[str]:
    """Names of metrics as MLflow takes them."""
    return [re.sub(r"[^\w./ -]", "_", name) for name in names]


def epoch_metrics(logs: Mapping[str, float], epoch: int, at: float) -> list[Metric]:
    """Make metrics ``curves/<name>`` of an epoch, with its number, from 1, as the step."""
    return finite_metrics({f"{CURVES}{name}": value for name, value in logs.items()}, at, epoch)


def curve_metrics(evaluation: Content) -> list[Metric]:
    """Make metrics of the curves, each the mean over the folds that reached that epoch."""
    return [
        metric
        for name, values in _mean_curves(evaluation).items()
        for epoch, value in enumerate(values, start=1)
        for metric in epoch_metrics({name: value}, epoch, evaluation["ended_at"])
    ]


def best_epoch_metrics(evaluation: Content) -> list[Metric]:
    """Make metrics ``best_epoch/<name>`` of the curves at the epoch of the lowest validation loss.

    What MLflow shows of a curve is its last value, which is another one where a network overfits.
    ``best_epoch/epoch`` is the number of the epoch. Without a curve ``val_loss`` there are none.
    """
    curves = _mean_curves(evaluation)
    losses = curves.get(_MONITORED, [])
    reached = [epoch for epoch, loss in enumerate(losses) if math.isfinite(loss)]
    if not reached:
        return []
    best = min(reached, key=losses.__getitem__)
    values = {name: curve[best] for name, curve in curves.items() if best < len(curve)}
    named = {f"{_BEST_EPOCH}{name}": value for name, value in values.items()}
    named[f"{_BEST_EPOCH}epoch"] = best + 1.0
    return finite_metrics(named, evaluation["ended_at"])


def _mean_curves(evaluation: Content) -> dict[str, list[float]]:
    folds = [fold["curves"] for fold in evaluation["folds"]] or evaluation["unfinished"]
    return {
        name: [
            _mean_of_known(values)
            for values in zip_longest(*(fold.get(name, ()) for fold in folds))
        ]
        for name in (folds[0] if folds else ())
    }


def group_metrics(evaluations: Sequence[Content]) -> list[Metric]:
    """Make metrics of a group of evaluations: means over all of them, curves included."""
    together = {
        "folds": [fold for evaluation in evaluations for fold in evaluation["folds"]],
        "unfinished": [],
        "ended_at": max(evaluation["ended_at"] for evaluation in evaluations),
    }
    means = {
        name: value
        for name, value in _measurements(together["folds"])
        if not name.startswith(_FOLDS)
    }
    return [
        *curve_metrics(together),
        *best_epoch_metrics(together),
        *finite_metrics(means, together["ended_at"]),
    ]


def _mean_of_known(values: Iterable[float | None]) -> float:
    known = [value for value in values if value is not None and not math.isnan(value)]
    return sum(known) / len(known) if known else math.nan


def evaluation_metrics(evaluation: Content) -> list[Metric]:
    """Make metrics of everything that was measured but the curves.

    Folds count from 1: ``folds/validation_accuracy_1`` is the first fold's score. The figures of a
    diagnosis are ``diagnosis/<name>``, where those by layer have its place, from 1, as the step,
    and ``diagnosis_by_epoch/<name>``, with the number of epochs behind the network as the step.
    """
    at = evaluation["ended_at"]
    measured = finite_metrics(dict(_measurements(evaluation["folds"])), at)
    return [*measured, *best_epoch_metrics(evaluation), *_diagnosis_metrics(evaluation)]


def _diagnosis_metrics(evaluation: Content) -> Iterator[Metric]:
    at = evaluation["ended_at"]
    for name, value in evaluation.get("figures", {}).items():  # earlier versions recorded none
        if isinstance(value, list):
            for layer, one in enumerate(value, start=1):
                yield from finite_metrics({f"{_DIAGNOSIS}{name}": one}, at, layer)
        else:
            yield from finite_metrics({f"{_DIAGNOSIS}{name}": value}, at)
    for name, seen in evaluation.get("figures_by_epoch", {}).items():
        for epoch, one in seen:
            yield from finite_metrics({f"{_DIAGNOSIS_BY_EPOCH}{name}": one}, at, epoch)


def _measurements(folds: Sequence[Content]) -> Iterator[tuple[str, float]]:
    if not folds:
        return
    for rows in ("validation", "train"):
        for scorer in folds[0][f"{rows}_scores"]:
            scores = [fold[f"{rows}_scores"][scorer] for fold in folds]
            yield from _mean_and_deviation(f"{rows}_{scorer}", scores)
            yield from _by_fold(f"{rows}_{scorer}", scores)
    for rows, scorers in folds[0]["held_out_scores"].items():
        for scorer in scorers:
            scores = [fold["held_out_scores"][rows][scorer] for fold in folds]
            yield from _mean_and_deviation(f"{rows}_{scorer}", scores)
    yield from _times(folds)
    for name in ("n_weights", "n_epochs"):
        yield f"{_NETWORK}{name}", float(np.mean([fold[name] for fold in folds]))


def _times(folds: Sequence[Content]) -> Iterator[tuple[str, float]]:
    """Times of a fit: of its epochs once the program is compiled, and of all else."""
    fitting = np.array([fold["fit_seconds"] for fold in folds])
    training = np.array([fold["n_epochs"] * fold["epoch_seconds"] for fold in folds])
    yield f"{_TIME}fit_seconds", float(fitting.mean())
    yield f"{_TIME}training_seconds", float(training.mean())
    yield f"{_TIME}setup_seconds", float(np.maximum(fitting - training, 0.0).mean())
    yield from _by_fold("fit_seconds", fitting)
    for name in ("epoch_seconds", "predict_microseconds"):
        yield f"{_TIME}{name}", float(np.mean([fold[name] for fold in folds]))


def _mean_and_deviation(name: str, scores: Sequence[float]) -> Iterator[tuple[str, float]]:
    if all(map(math.isfinite, scores)):
        yield name, float(np.mean(scores))
        yield f"{DEVIATION}{name}", float(np.std(scores))


def _by_fold(name: str, values: Iterable[float]) -> Iterator[tuple[str, float]]:
    for fold, value in enumerate(values, start=1):
        yield f"{_FOLDS}{name}_{fold}", value


def evaluation_tags(evaluation: Content) -> dict[str, str]:
    """Make tags of how a candidate ended, of its diagnosis, and of the fingerprint by which it is found again."""
    tags = {
        OUTCOME_TAG: evaluation["status"],
        "reason": evaluation["reason"],
        "warnings": "\n".join(evaluation["warnings"]),
        "diagnosis": ", ".join(each["cause"] for each in evaluation.get("findings", [])),
        FINGERPRINT_TAG: evaluation["fingerprint"],
    }
    if evaluation["status"] in ("failed", "diverged"):
        tags[NOTE_TAG] = evaluation["reason"]
    return {name: value for name, value in tags.items() if value}
