"""Metrics and tags that MLflow is given of an evaluation."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any

import numpy as np

from pipelines.tracking.tags import FINGERPRINT_TAG, OUTCOME_TAG

__all__ = [
    "Metric",
    "curve_metrics",
    "epoch_metrics",
    "evaluation_metrics",
    "evaluation_tags",
    "finite_metrics",
]

Metric = tuple[str, float, int, int]
"""Name, value, Unix time in milliseconds, and step (0 where it has none)."""

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
        (re.sub(r"[^\w./ -]", "_", name), float(value), int(at * 1000), step)
        for name, value in values.items()
        if math.isfinite(value)
    ]


def epoch_metrics(logs: Mapping[str, float], epoch: int, at: float) -> list[Metric]:
    """Make metrics ``epoch_<name>`` of an epoch, with its number, from 1, as the step."""
    return finite_metrics({f"epoch_{name}": value for name, value in logs.items()}, at, epoch)


def curve_metrics(evaluation: Content) -> list[Metric]:
    """Make metrics of the curves, each the mean over the folds that reached that epoch."""
    folds = [fold["curves"] for fold in evaluation["folds"]] or evaluation["unfinished"]
    return [
        metric
        for name in (folds[0] if folds else ())
        for epoch, values in enumerate(zip_longest(*(fold.get(name, ()) for fold in folds)), 1)
        for metric in epoch_metrics({name: _mean_of_known(values)}, epoch, evaluation["ended_at"])
    ]


def _mean_of_known(values: Iterable[float | None]) -> float:
    known = [value for value in values if value is not None and not math.isnan(value)]
    return sum(known) / len(known) if known else math.nan


def evaluation_metrics(evaluation: Content) -> list[Metric]:
    """Make metrics of everything that was measured but the curves.

    Folds count from 1: ``validation_accuracy_fold1`` is the first fold's score.
    """
    return finite_metrics(dict(_measurements(evaluation["folds"])), evaluation["ended_at"])


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
    seconds = [fold["fit_seconds"] for fold in folds]
    yield "fit_seconds", float(np.mean(seconds))
    yield from _by_fold("fit_seconds", seconds)
    for name in ("epoch_seconds", "predict_microseconds", "n_weights", "n_epochs"):
        yield name, float(np.mean([fold[name] for fold in folds]))


def _mean_and_deviation(name: str, scores: Sequence[float]) -> Iterator[tuple[str, float]]:
    if all(map(math.isfinite, scores)):
        yield name, float(np.mean(scores))
        yield f"{name}_std", float(np.std(scores))


def _by_fold(name: str, values: Iterable[float]) -> Iterator[tuple[str, float]]:
    for fold, value in enumerate(values, start=1):
        yield f"{name}_fold{fold}", value


def evaluation_tags(evaluation: Content) -> dict[str, str]:
    """Make tags of how a candidate ended, and of the fingerprint by which it is found again."""
    tags = {
        OUTCOME_TAG: evaluation["status"],
        "reason": evaluation["reason"],
        "warnings": "\n".join(evaluation["warnings"]),
        FINGERPRINT_TAG: evaluation["fingerprint"],
    }
    return {name: value for name, value in tags.items() if value}
