"""A new model against the present one, on the same rows that neither has to have seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, is_classifier
from sklearn.metrics import get_scorer
from sklearn.pipeline import Pipeline

from pipelines.data.step_targets import each_target, is_by_step, real_steps
from pipelines.search import as_rows
from pipelines.statistics import LEVEL

__all__ = ["Challenge", "challenge"]

_MANY_ROWS = 20_000
_N_RESAMPLES, _FEWER_RESAMPLES = 1000, 200


@dataclass(frozen=True)
class Challenge:
    """How two models do on the same rows.

    Attributes
    ----------
    metric : str
        A scorer of scikit-learn; greater is better.
    challenger, champion : float
        Their scores.
    low, high : float
        Ends of the 95 % interval of the difference, challenger minus champion: the percentiles of
        a paired bootstrap, in which both are scored on the same rows, drawn with replacement.
    """

    metric: str
    challenger: float
    champion: float
    low: float
    high: float

    @property
    def shown_better(self) -> bool:
        """Whether the whole interval is above 0."""
        return self.low > 0

    def __str__(self) -> str:
        return (
            f"{self.metric} {self.challenger:.4f} against {self.champion:.4f} (difference "
            f"[{self.low:+.4f}, {self.high:+.4f}])"
        )


def challenge(
    challenger: Pipeline,
    champion: Pipeline,
    X: pd.DataFrame,
    y: pd.Series | pd.DataFrame,
    metric: str,
    *,
    groups: pd.Series | None = None,
    random_state: int = 0,
) -> Challenge:
    """Compare two fitted pipelines.

    Parameters
    ----------
    challenger, champion : sklearn.pipeline.Pipeline
    X : DataFrame of shape (n_rows, n_columns)
        Rows held out.
    y : Series of length n_rows, or DataFrame of shape (n_rows, n_steps)
        Whole sequences are drawn, where each step has a target.
    metric : str
        Name of a scikit-learn scorer.
    groups : Series of length n_rows, default=None
        Whole groups are drawn then, instead of rows.
    random_state : int, default=0

    Returns
    -------
    Challenge

    References
    ----------
    .. [1] B. Efron and R. J. Tibshirani, "An Introduction to the Bootstrap", Chapman & Hall, 1993.
    """
    both = [_answers(model, X, y) for model in (challenger, champion)]
    members = np.arange(len(y)) if groups is None else pd.factorize(groups)[0]
    if is_by_step(y):  # whose rows are steps from here on
        members = np.repeat(members, real_steps(X, y.shape[1]).sum(axis=1))
        y = each_target(X, y)
    in_clusters = len(np.unique(members)) < len(y)
    scorer, labels = get_scorer(metric), y.to_numpy()

    def scores(rows: np.ndarray) -> list[float]:
        return [float(scorer(one, rows.reshape(-1, 1), labels[rows])) for one in both]

    rows_of = pd.Series(np.arange(len(y))).groupby(members).indices
    clusters = [rows_of[number] for number in sorted(rows_of)]
    rng = np.random.default_rng(random_state)
    differences = []
    for _ in range(_N_RESAMPLES if len(y) <= _MANY_ROWS else _FEWER_RESAMPLES):
        drawn = rng.integers(0, len(clusters), len(clusters))
        rows = np.concatenate([clusters[n] for n in drawn]) if in_clusters else drawn
        if is_classifier(challenger) and len(np.unique(labels[rows])) < len(np.unique(labels)):
            continue  # a class without a row has no score in some metrics
        new, old = scores(rows)
        differences.append(new - old)
    new, old = scores(np.arange(len(y)))
    low, high = (
        np.quantile(differences, [LEVEL / 2, 1 - LEVEL / 2]) if differences else (-np.inf, np.inf)
    )
    return Challenge(metric, new, old, float(low), float(high))


def _answers(pipeline: Pipeline, X: pd.DataFrame, y: pd.Series | pd.DataFrame) -> BaseEstimator:
    """An estimator whose input is numbers of rows, and whose answers are known already."""
    X = X[list(pipeline.feature_names_in_)]
    model, _ = as_rows(pipeline, X, y)
    if is_classifier(pipeline):
        return _Labels(model.classes_, model.predict(X), model.predict_proba(X))
    return _Values(model.predict(X))


class _Labels(ClassifierMixin, BaseEstimator):
    def __init__(self, classes_: Any, labels: Any, probabilities: Any) -> None:
        self.classes_ = classes_
        self.labels = labels
        self.probabilities = probabilities

    def predict(self, rows: np.ndarray) -> np.ndarray:
        return self.labels[rows.ravel()]

    def predict_proba(self, rows: np.ndarray) -> np.ndarray:
        return self.probabilities[rows.ravel()]


class _Values(RegressorMixin, BaseEstimator):
    def __init__(self, values: Any) -> None:
        self.values = values

    def fit(self, X: Any, y: Any) -> _Values:
        return self

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def predict(self, rows: np.ndarray) -> np.ndarray:
        return self.values[rows.ravel()]
