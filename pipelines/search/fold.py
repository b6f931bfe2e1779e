"""One fold of a cross-validation: what it does, and what it gives."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.pipeline import Pipeline

from estimators.training.callbacks import PassiveCallback
from pipelines.search.layers import layer_outputs
from pipelines.search.metrics import score
from pipelines.signals import raise_if_interrupted

__all__ = ["CurveRecorder", "Curves", "FoldResult", "Split", "evaluate_fold"]

Curves = dict[str, list[float]]
Split = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class FoldResult:
    """What one fold of the cross-validation gave.

    Attributes
    ----------
    train_scores, validation_scores : dict of str to float
        Scores by scorer name.
    fit_seconds, score_seconds : float
        Wall time of fitting, and of scoring the validation rows.
    epoch_seconds : float
        Median wall time of an epoch.
    predict_microseconds : float
        Wall time of prediction a row.
    n_weights : int
        Number of the network's weights, trained or not.
    n_epochs : int
        Epochs run.
    curves : dict of str to list of float
        Loss and metrics by epoch, as in the estimator's ``history_``.
    held_out_scores : dict of str to dict of str to float
        Scores on rows outside all folds, by the rows' name, where they were asked for.
    layers : dict of str to list of float
        What hidden layers give out, where it was asked for; see
        :func:`pipelines.search.layer_outputs`.
    """

    train_scores: dict[str, float]
    validation_scores: dict[str, float]
    fit_seconds: float
    score_seconds: float
    epoch_seconds: float
    predict_microseconds: float
    n_weights: int
    n_epochs: int
    curves: dict[str, list[float]]
    held_out_scores: dict[str, dict[str, float]] = field(default_factory=dict)
    layers: dict[str, list[float]] = field(default_factory=dict)


class CurveRecorder(PassiveCallback):
    """Keeps the curves of a fit as they grow, and pauses it after each epoch if it can.

    Attributes
    ----------
    curves : dict of str to list of float
        Loss and metrics by epoch.
    pause : callable or None
        Called after each epoch.
    paused_seconds : float
        Time that ``pause`` has taken.
    """

    def __init__(self) -> None:
        super().__init__()
        self.curves: Curves = {}
        self.pause: Callable[[], None] | None = None
        self.paused_seconds = 0.0

    def on_epoch_end(self, epoch, logs=None):
        raise_if_interrupted()
        for name, value in (logs or {}).items():
            self.curves.setdefault(name, []).append(float(value))
        if self.pause is not None:
            began = time.perf_counter()
            self.pause()
            self.paused_seconds += time.perf_counter() - began


def evaluate_fold(
    params: Mapping[str, Any],
    X: pd.DataFrame,
    y: pd.Series,
    split: Split,
    pause: Callable[[], None] | None = None,
    *,
    pipeline: Pipeline,
    metrics: Sequence[str],
    held_out: Mapping[str, np.ndarray],
    layers: bool,
    recorder: CurveRecorder,
) -> FoldResult:
    """Fit a pipeline on the training rows of a fold and score it.

    Parameters
    ----------
    params : mapping of str to object
        What a clone of the pipeline takes, by path.
    X : DataFrame of shape (n_rows, n_columns)
    y : Series of length n_rows
    split : pair of ndarray
        Positions of the training and of the validation rows.
    pause : callable, default=None
        Called after each epoch; its time is left out.
    pipeline : Pipeline
    metrics : sequence of str
        Names of scikit-learn scorers, the first of which must have a value.
    held_out : mapping of str to ndarray
        Positions of further rows to score on, by name.
    layers : bool
        Whether to look at what the hidden layers give out.
    recorder : CurveRecorder
        Is left with the curves, wherever the fit ends.

    Returns
    -------
    FoldResult

    Raises
    ------
    estimators.DivergenceError
    ValueError
        Where the first metric has no value, or the pipeline refuses parameters or rows.
    """
    train, validation = split
    X_train, y_train = X.iloc[train], y.iloc[train]
    X_validation, y_validation = X.iloc[validation], y.iloc[validation]
    pipeline = clone(pipeline).set_params(**params)
    preprocessing, model = pipeline[:-1], pipeline[-1]
    recorder.pause = pause
    model.set_params(callbacks=[*_listed(model.callbacks), recorder])

    began = time.perf_counter()
    watched = {}
    inputs = preprocessing.fit_transform(X_train, y_train)
    if not model.early_stopping:  # else the fold's validation rows would choose the epoch
        watched = {"X_val": preprocessing.transform(X_validation), "y_val": y_validation}
    model.fit(inputs, y_train, **watched)
    fit_seconds = time.perf_counter() - began - recorder.paused_seconds

    began = time.perf_counter()
    validation_scores = score(pipeline, X_validation, y_validation, metrics, required=metrics[0])
    score_seconds = time.perf_counter() - began
    train_scores = score(pipeline, X_train, y_train, metrics)
    began = time.perf_counter()
    pipeline.predict(X_validation)
    predict_seconds = time.perf_counter() - began
    return FoldResult(
        train_scores=train_scores,
        validation_scores=validation_scores,
        fit_seconds=fit_seconds,
        score_seconds=score_seconds,
        epoch_seconds=float(np.median(model.epoch_seconds_)),
        predict_microseconds=1e6 * predict_seconds / len(validation),
        n_weights=model.model_.count_params(),
        n_epochs=model.n_iter_,
        curves=model.history_,
        held_out_scores={
            name: score(pipeline, X.iloc[rows], y.iloc[rows], metrics)
            for name, rows in held_out.items()
        },
        layers=_layers_of(pipeline, X_validation) if layers else {},
    )


def _layers_of(pipeline: Pipeline, X: pd.DataFrame) -> dict[str, list[float]]:
    return layer_outputs(pipeline[-1].model_, pipeline[:-1].transform(X))


def _listed(callbacks: Any) -> list[Any]:
    """An estimator's callbacks: several, one or none."""
    if callbacks is None:
        return []
    return callbacks if isinstance(callbacks, list) else [callbacks]
