"""One fold of a cross-validation, trained epoch by epoch."""

from __future__ import annotations

import contextlib
import math
import time
import warnings
from collections.abc import Generator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

from estimators import DivergenceError, diagnose
from estimators.diagnosis import EpochProbes
from estimators.remembered_outputs import remembered_outputs
from estimators.techniques.early_stopping import stops_early
from pipelines.search.activation_statistics import activation_statistics
from pipelines.search.evaluation import Curves, FoldResult
from pipelines.search.metrics import score
from pipelines.signals import raise_if_interrupted

if TYPE_CHECKING:
    from estimators.diagnosis import Diagnosis

__all__ = ["Logs", "Split", "fit_fold", "network_data"]

Logs: TypeAlias = dict[str, float]
Split: TypeAlias = tuple[np.ndarray, np.ndarray]


def fit_fold(
    params: Mapping[str, Any],
    X: pd.DataFrame,
    y: pd.Series,
    split: Split,
    *,
    pipeline: Pipeline,
    metrics: Sequence[str],
    held_out: Mapping[str, np.ndarray],
    activations: bool,
    curves: Curves,
    diagnoses: list[Diagnosis] | None = None,
    probing_share: float | None = None,
) -> Generator[Logs, None, FoldResult]:
    """Fit a pipeline on the training rows of a fold, and score it.

    The seconds of the result are those spent in here: what happens between two epochs, while the
    generator is suspended, is not counted.

    Parameters
    ----------
    params : mapping of str to object
        What a clone of the pipeline is set to, by path.
    X : DataFrame of shape (n_rows, n_columns)
    y : Series of length n_rows
    split : pair of ndarray
        Positions of the training and of the validation rows.
    pipeline : Pipeline
    metrics : sequence of str
        Names of scikit-learn scorers, the first of which must have a value.
    held_out : mapping of str to ndarray
        Positions of further rows to score on, by name.
    activations : bool
        Whether to compute statistics of the hidden activations.
    curves : dict of str to list of float
        Filled with loss and metrics by epoch, wherever the fit ends.
    diagnoses : list of estimators.diagnosis.Diagnosis, default=None
        Filled with that of the network; None asks for none.
    probing_share : float, default=None
        The share of the training time that may go into probing the network between its epochs;
        None diagnoses only one that diverges.

    Yields
    ------
    dict of str to float
        Loss and metrics, after each epoch.

    Returns
    -------
    FoldResult

    Raises
    ------
    estimators.DivergenceError
    ValueError
        If the first metric has no value, or the pipeline refuses parameters or rows.
    """
    pipeline = clone(pipeline).set_params(**params)
    began = time.perf_counter()
    preprocessing, inputs, watched = network_data(pipeline, X, y, split)
    model, y_train = pipeline[-1], y.iloc[split[0]]
    is_probed = diagnoses is not None and probing_share is not None
    probes = EpochProbes(model, inputs, y_train, probing_share or 0.0)
    fit_seconds = 0.0
    try:
        with contextlib.closing(model.fit_epochs(inputs, y_train, **watched)) as epochs:
            for logs in epochs:
                raise_if_interrupted()
                for name, value in logs.items():
                    curves.setdefault(name, []).append(value)
                fit_seconds += time.perf_counter() - began
                if is_probed:
                    with contextlib.suppress(Exception):  # the diagnosis tells it
                        probes.look(fit_seconds)
                yield logs
                began = time.perf_counter()
    except DivergenceError:
        curves.setdefault("loss", []).append(math.nan)
        if diagnoses is not None:
            diagnoses += _diagnosed(clone(model), inputs, y_train, history=curves, probes=probes)
        raise
    fit_seconds += time.perf_counter() - began
    result = _result(preprocessing, model, X, y, split, metrics, held_out, activations=activations)
    if diagnoses is not None and is_probed:
        diagnoses += _diagnosed(model, inputs, y_train, probes=probes)
    return replace(result, fit_seconds=fit_seconds)


def _result(
    preprocessing: Any,
    model: Any,
    X: pd.DataFrame,
    y: pd.Series,
    split: Split,
    metrics: Sequence[str],
    held_out: Mapping[str, np.ndarray],
    *,
    activations: bool,
) -> FoldResult:
    """Score a fitted network on all rows that are asked for; its fit has taken no time yet."""
    train, validation = split

    def scored(rows: np.ndarray) -> dict[str, float]:
        with remembered_outputs():  # of rows that are preprocessed once, for all metrics
            return score(model, preprocessing.transform(X.iloc[rows]), y.iloc[rows], metrics)

    train_scores = scored(train)  # first, so that the clock sees no first call
    began = time.perf_counter()
    with remembered_outputs():
        inputs = preprocessing.transform(X.iloc[validation])
        model.predict(inputs)
        predict_seconds = time.perf_counter() - began
        validation_scores = score(model, inputs, y.iloc[validation], metrics, required=metrics[0])
    return FoldResult(
        train_scores=train_scores,
        validation_scores=validation_scores,
        fit_seconds=0.0,
        score_seconds=time.perf_counter() - began,
        epoch_seconds=float(np.median(model.epoch_seconds_)),
        predict_microseconds=1e6 * predict_seconds / len(validation),
        n_weights=model.model_.count_params(),
        n_epochs=model.n_iter_,
        curves=model.history_,
        held_out_scores={name: scored(rows) for name, rows in held_out.items()},
        activations=activation_statistics(model.model_, inputs) if activations else {},
    )


def network_data(
    pipeline: Pipeline, X: pd.DataFrame, y: pd.Series, split: Split
) -> tuple[Any, Any, dict[str, Any]]:
    """Preprocess what the network of a fold is given.

    Returns
    -------
    preprocessing : Pipeline or FunctionTransformer
        Fitted, all of the pipeline but the network.
    inputs : array-like of shape (n_rows, n_features)
        To train on.
    watched : dict of str to array-like
        What ``fit`` evaluates after each epoch, by its parameters' names.
    """
    train, validation = split
    preprocessing = pipeline[:-1] if len(pipeline) > 1 else FunctionTransformer()
    inputs = preprocessing.fit_transform(X.iloc[train], y.iloc[train])
    watched = {}
    # Else the fold's validation rows would choose the epoch.
    if not stops_early(pipeline[-1].early_stopping, len(train)):
        X_val = preprocessing.transform(X.iloc[validation])
        watched = {"X_val": X_val, "y_val": y.iloc[validation]}
    return preprocessing, inputs, watched


def _diagnosed(model: Any, inputs: Any, y: pd.Series, **known: Any) -> list[Diagnosis]:
    """The diagnosis; one that fails takes nothing from the candidate but a warning."""
    try:
        return [diagnose(model, inputs, y, **known)]
    except Exception as error:
        warnings.warn(f"The diagnosis failed: {error}", UserWarning, stacklevel=2)
        return []
