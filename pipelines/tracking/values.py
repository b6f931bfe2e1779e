"""Evaluations and settings as the names, strings and numbers that MLflow keeps."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from pipelines.search import Evaluation
    from pipelines.tracking.records import Measurement

__all__ = ["clean_value", "evaluation_metrics", "metric_name", "score_metrics", "value_metrics"]


def clean_value(value: Any) -> str:
    """Write a hyperparameter or setting as people would.

    Examples
    --------
    >>> clean_value(None), clean_value(True), clean_value(1e-3), clean_value("selu")
    ('none', 'true', '0.001', 'selu')
    >>> clean_value((100, 50, 10)), clean_value({"a": 1, "b": None})
    ('100-50-10', 'a=1, b=none')
    """
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return ", ".join(f"{key}={clean_value(item)}" for key, item in value.items())
    if isinstance(value, list | tuple):
        return "-".join(map(clean_value, value)) or "none"
    return getattr(value, "__name__", None) or str(value)


def metric_name(name: str) -> str:
    """Replace the characters that MLflow refuses in a name.

    Examples
    --------
    >>> metric_name("validation_f1 (macro)")
    'validation_f1 _macro_'
    """
    return re.sub(r"[^\w./ -]", "_", name)


def value_metrics(values: Mapping[str, float]) -> list[Measurement]:
    """Values as metrics without a step, leaving out those that are not finite."""
    return _finite((name, value, 0) for name, value in values.items())


def score_metrics(scores: Mapping[str, float], prefix: str) -> list[Measurement]:
    """Scores as metrics ``<prefix>_<scorer>``, without those that are not finite."""
    return value_metrics({f"{prefix}_{name}": value for name, value in scores.items()})


def evaluation_metrics(evaluation: Evaluation) -> list[Measurement]:
    """Everything measured about a candidate, without what is not finite.

    Folds and epochs count from 1: ``validation_accuracy_fold1`` is the first fold's score,
    and step 1 of ``epoch_loss`` the loss of the first epoch. Curves are means over the folds.
    """
    return _finite(_measurements(evaluation))


def _measurements(evaluation: Evaluation) -> Iterator[Measurement]:
    for name, curve in evaluation.curves.items():
        for epoch, value in enumerate(curve, start=1):
            yield f"epoch_{name}", value, epoch
    folds = evaluation.folds
    if not folds:
        return
    for rows in ("validation", "train"):
        for scorer in getattr(folds[0], f"{rows}_scores"):
            name = f"{rows}_{scorer}"
            scores = evaluation.scores(scorer, rows)
            yield name, scores.mean(), 0
            yield f"{name}_std", scores.std(), 0
            yield from _by_fold(name, scores)
    for rows, scores_of_first in folds[0].held_out_scores.items():
        for scorer in scores_of_first:
            held_out = np.array([fold.held_out_scores[rows][scorer] for fold in folds])
            yield f"{rows}_{scorer}", held_out.mean(), 0
            yield f"{rows}_{scorer}_std", held_out.std(), 0
    yield "fit_seconds", evaluation.fit_seconds, 0
    yield from _by_fold("fit_seconds", [fold.fit_seconds for fold in folds])
    for name in ("epoch_seconds", "predict_microseconds", "n_weights", "n_epochs"):
        yield name, np.mean([getattr(fold, name) for fold in folds]), 0


def _by_fold(name: str, values: Iterable[float]) -> Iterator[Measurement]:
    for fold, value in enumerate(values, start=1):
        yield f"{name}_fold{fold}", value, 0


def _finite(measurements: Iterable[Measurement]) -> list[Measurement]:
    # A store keeps inf as the largest float, which spoils every chart that it is in.
    return [
        (metric_name(name), float(value), step)
        for name, value, step in measurements
        if math.isfinite(value)
    ]
