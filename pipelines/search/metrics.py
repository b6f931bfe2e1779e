"""The metrics that candidates are scored by, and scoring by them."""

from __future__ import annotations

import math
import traceback
import warnings
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.exceptions import UndefinedMetricWarning
from sklearn.metrics import (
    check_scoring,
    get_scorer,
    get_scorer_names,
    log_loss,
    make_scorer,
)

from pipelines.data.step_targets import is_by_step
from pipelines.data.task import Task
from pipelines.errors import InputError, did_you_mean
from pipelines.search.real_steps import as_rows

__all__ = ["DEFAULT_METRICS", "check_metrics", "score", "scorer_for"]

DEFAULT_METRICS: dict[Task, tuple[str, ...]] = {
    "classification": ("accuracy", "f1_macro", "neg_log_loss"),
    "regression": ("r2", "neg_root_mean_squared_error", "neg_mean_absolute_error"),
}

_OF_AMOUNTS = ("r2", "explained_variance", "d2_absolute_error_score")


def check_metrics(
    names: str | Sequence[str], task: Task, y: pd.Series | None = None, *, inferred: bool = False
) -> tuple[str, ...]:
    """Return the names of the metrics, the first of which ranks the candidates.

    Parameters
    ----------
    names : str or sequence of str
        Names of scikit-learn scorers; empty for the defaults of the task.
    task : {"classification", "regression"}
    y : Series of length n_targets, default=None
        The targets, to see whether the metrics can be computed from them.
    inferred : bool, default=False
        Whether the task was inferred from the targets, so that a metric of amounts contradicts
        classes.

    Returns
    -------
    tuple of str

    Raises
    ------
    InputError
        For a name that scikit-learn does not know, or a metric that does not suit the target.
    """
    known = get_scorer_names()
    names = (names,) if isinstance(names, str) else names
    for name in names:
        if name not in known:
            raise InputError(
                f"There is no metric {name!r}{did_you_mean(name, known)}; take names of "
                "scikit-learn scorers, such as accuracy or r2."
            )
    chosen = tuple(dict.fromkeys(names)) or DEFAULT_METRICS[task]
    if y is not None:
        _check_scorable(chosen, task, y)
    of_amounts = next(filter(_is_of_amounts, chosen), None)
    if inferred and task == "classification" and of_amounts:
        raise InputError(
            f"The metric {of_amounts!r} is one of regression, but the whole numbers of the target "
            "are taken for classes: give task=regression if they are amounts, else "
            "task=classification."
        )
    return chosen


def score(
    estimator: BaseEstimator,
    X: pd.DataFrame,
    y: pd.Series | pd.DataFrame,
    metrics: Sequence[str],
    *,
    required: str | None = None,
) -> dict[str, float]:
    """Score a fitted estimator on some rows by several metrics.

    Parameters
    ----------
    estimator : estimator
    X : DataFrame of shape (n_rows, n_columns)
    y : Series of length n_rows, or DataFrame of shape (n_rows, n_steps)
        By step each real one counts the same, and padding nowhere.
    metrics : sequence of str
        Names of scikit-learn scorers.
    required : str, default=None
        The metric that must have a value.

    Returns
    -------
    dict of str to float
        Scores by metric; nan for one that cannot be computed from these rows, as the area under a
        curve when a class is missing among them. The log loss is of the estimator's classes.

    Raises
    ------
    ValueError
        If the required metric cannot be computed.

    Warns
    -----
    UndefinedMetricWarning
        If another one cannot.
    """
    unit = "steps" if is_by_step(y) else "rows"
    estimator, y = as_rows(estimator, X, y)
    scorers = {name: scorer_for(name, estimator) for name in metrics}
    scores = check_scoring(estimator, scoring=scorers, raise_exc=False)(estimator, X, y)
    for name, value in scores.items():
        failed = isinstance(value, str)  # then it is the traceback
        scores[name] = math.nan if failed else float(value)
        if failed or (name == required and math.isnan(value)):
            why = value.strip().splitlines()[-1] if failed else "it is not a number"
            sentence = f"{name} cannot be computed on {len(y)} {unit}: {why}"
            if name == required:
                raise ValueError(sentence)
            warnings.warn(sentence, UndefinedMetricWarning, stacklevel=2)
    return scores


def scorer_for(name: str, estimator: BaseEstimator) -> Callable[..., float]:
    """A scorer by name; of the log loss one that need not see each class among the rows."""
    if name == "neg_log_loss" and hasattr(estimator, "classes_"):
        return make_scorer(
            log_loss,
            greater_is_better=False,
            response_method="predict_proba",
            labels=estimator.classes_,
        )
    return get_scorer(name)


def _check_scorable(metrics: Sequence[str], task: Task, y: pd.Series) -> None:
    """Raise where a metric cannot be computed from a target at all."""
    dummy = DummyClassifier(strategy="prior") if task == "classification" else DummyRegressor()
    X = np.zeros((len(y), 1))
    dummy.fit(X, y)
    for name in metrics:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of undefined values, which a real model may not have
            try:
                get_scorer(name)(dummy, X, y)
            except Exception as error:
                why = traceback.format_exception_only(error)[-1].strip().splitlines()[-1]
                raise InputError(
                    f"The metric {name!r} does not suit this target ({why}); the defaults for "
                    f"{task} are {', '.join(DEFAULT_METRICS[task])}."
                ) from error


def _is_of_amounts(metric: str) -> bool:
    return metric in _OF_AMOUNTS or metric.endswith(("_error", "_deviance"))
