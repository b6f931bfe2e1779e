"""From an estimator and its rows to the figures of a diagnosis."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import clone, is_classifier

from estimators._sklearn import rows_at
from estimators.diagnosis.curves import CurveFigures
from estimators.diagnosis.figures import Figures, constant_loss, linear_score, network_score
from estimators.diagnosis.probe import Probe, lone_network, probe_network
from estimators.techniques import Setting, hyperparameters_of, resolve
from estimators.techniques.early_stopping import stops_early
from estimators.techniques.rule import without_rule_warnings

if TYPE_CHECKING:
    from estimators.base import KerasNetwork
    from estimators.engine import Rows

__all__ = ["first_variant", "is_untrained", "measure", "probe", "rows_of"]

_N_ROWS = 512
_N_LINEAR_ROWS = 2000
_N_LINEAR_VALUES = 500_000


def measure(
    estimator: KerasNetwork,
    X: Any,
    y: Any,
    history: Mapping[str, Sequence[float]] | None = None,
    initial: Probe | None = None,
) -> Figures:
    """Measure what the causes are told from; see :func:`estimators.diagnose`."""
    is_fitted = hasattr(estimator, "history_")
    first = estimator if is_fitted and initial is not None else initialized(estimator, X, y)
    picked, rows = rows_of(estimator if is_fitted else first, X, y)
    some_X = rows_at(X, picked)
    some_y, targets = (_of_steps(each, rows) for each in (np.asarray(rows_at(y, picked)), rows.y))
    params = _resolved(estimator)
    params["early_stopping"] = stops_early(params["early_stopping"], len(y))
    classifies = is_classifier(estimator)
    loss = first.model_.loss
    numbers = _numbers(first, rows.X)
    figures = Figures(
        setting=Setting.of(params, numbers, None if classifies else targets, n_rows=len(y)),
        n_steps=math.ceil(len(y) / params["batch_size"]),
        initial=probe(first, rows) if initial is None else initial,
        trained=None,
        constant=constant_loss(
            loss,
            targets,
            is_class_number=classifies and first.model_.output_shape[-1] > targets.shape[-1],
            is_median=params.get("loss") in ("mean_absolute_error", "huber"),
        ),
        has_diverged=history is not None and not np.isfinite(history["loss"]).all(),
        linear_score=_linear_score(first, X, y, numbers.shape[1]),
    )
    if is_fitted:
        history = estimator.history_
        predicted = _of_steps(estimator.predict(some_X), rows)
        score = np.nan
        if not (classifies and np.ndim(some_y) > 1):
            score = network_score(some_y, predicted, classifies=classifies)
        figures = replace(figures, trained=probe(estimator, rows), score=score)
    if history is None:
        return figures
    return replace(figures, curves=CurveFigures.of(history, figures.constant))


def probe(estimator: KerasNetwork, rows: Rows) -> Probe:
    """Probe the network of an estimator as it is now; of an ensemble the first one."""
    model = estimator.model_
    network, params = lone_network(model), _resolved(estimator)
    return probe_network(network, model.loss, rows, estimator.techniques, params)


def is_untrained(estimator: KerasNetwork) -> bool:
    """Whether the network is as it was before the first step.

    So it is between the epochs of a fit, while these run as compiled programs and nobody has
    asked for the weights.
    """
    optimizer = getattr(lone_network(estimator.model_), "optimizer", None)
    return optimizer is not None and not int(optimizer.iterations)


def initialized(estimator: KerasNetwork, X: Any, y: Any) -> KerasNetwork:
    """Return the same estimator before its first step; of an ensemble its first member."""
    alone: KerasNetwork = clone(first_variant(estimator))
    with without_rule_warnings() if hasattr(estimator, "history_") else nullcontext():
        return alone.initialize(X, y)


def first_variant(estimator: KerasNetwork) -> KerasNetwork:
    """Return the estimator itself, or of an ensemble a new one with its first member's parameters."""
    from estimators.ensemble import variants_of

    variants = variants_of(hyperparameters_of(estimator))
    return clone(estimator).set_params(**variants[0]) if variants else estimator


def rows_of(
    estimator: KerasNetwork, X: Any, y: Any, n_rows: int = _N_ROWS
) -> tuple[np.ndarray, Rows]:
    """Pick rows, spread over all, for an estimator that is fitted or initialized.

    Returns
    -------
    positions : ndarray of int
    rows : Rows
        As the network gets them.
    """
    from estimators.engine import Rows

    picked = np.unique(np.linspace(0, len(y) - 1, min(len(y), n_rows)).astype(int))
    return picked, Rows(*estimator.network_data(rows_at(X, picked), rows_at(y, picked)))


def _linear_score(estimator: KerasNetwork, X: Any, y: Any, n_numbers: int) -> float:
    """Score a linear model of the numbers among the input, on as many rows as take no time."""
    if not n_numbers:
        return np.nan
    n_rows = min(_N_LINEAR_ROWS, max(_N_ROWS, _N_LINEAR_VALUES // n_numbers))
    picked, rows = rows_of(estimator, X, y, n_rows)
    numbers = _numbers(estimator, rows.X)
    targets = _of_steps(np.asarray(rows_at(y, picked)), rows)
    if len(numbers) != len(targets):
        return np.nan
    return linear_score(numbers, targets, classifies=is_classifier(estimator))


def _of_steps(values: np.ndarray, rows: Rows) -> np.ndarray:
    """What each row has; where the network answers in each step, what each real step has."""
    if rows.y.ndim == 2:
        return values
    from estimators.engine.rows import real_steps

    by_step: np.ndarray = values[real_steps(rows.X)[:, : values.shape[1]]]
    return by_step


def _resolved(estimator: KerasNetwork) -> dict[str, Any]:
    return resolve(estimator.techniques, hyperparameters_of(first_variant(estimator)))


def _numbers(estimator: KerasNetwork, inputs: np.ndarray) -> np.ndarray:
    """The numbers among the input: a row each, or each step of a sequence."""
    if inputs.ndim == 2:
        numbers: np.ndarray = estimator.feature_encoder_.numbers(inputs)
        return numbers
    steps = inputs.reshape(-1, inputs.shape[-1])
    present: np.ndarray = steps[~np.isnan(steps).any(axis=1)]
    return present
