"""A new model against the present one, on the same rows that neither has to have seen."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, is_classifier
from sklearn.pipeline import Pipeline

from pipelines.data.step_targets import each_target, is_by_step, real_steps
from pipelines.search import as_rows, scorer_for
from pipelines.statistics import LEVEL

__all__ = ["Challenge", "challenge"]

_MANY_ROWS = 20_000
_N_RESAMPLES, _FEWER_RESAMPLES = 1000, 200
_ENOUGH = 0.5  # of them must have a score


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
        Infinite where few of these draws have a score.
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

    @property
    def shown_worse(self) -> bool:
        """Whether the whole interval is below 0."""
        return self.high < 0

    def __str__(self) -> str:
        interval = (
            f"difference [{self.low:+.4f}, {self.high:+.4f}]"
            if math.isfinite(self.low)
            else "too few rows of a class for an interval"
        )
        return f"{self.metric} {self.challenger:.4f} against {self.champion:.4f} ({interval})"


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
    labels = y.to_numpy()
    scores = [_Score.of(metric, one, labels) for one in both]
    # Without each of the classes some metrics have no score, or another meaning.
    wants_classes = is_classifier(challenger) and not all(score.is_mean for score in scores)
    classes = pd.factorize(labels)[0] if wants_classes else np.zeros(len(y), int)
    n_members, n_classes = members.max() + 1, classes.max() + 1
    n_resamples = _N_RESAMPLES if len(y) <= _MANY_ROWS else _FEWER_RESAMPLES
    rng = np.random.default_rng(random_state)
    differences = []
    for _ in range(n_resamples):
        drawn = rng.integers(0, n_members, n_members)
        times = np.bincount(drawn, minlength=n_members)[members]
        if np.bincount(classes, times, n_classes).all():
            new, old = (score.of_drawn(times) for score in scores)
            differences.append(new - old)
    new, old = (score.of_drawn(np.ones(len(y), int)) for score in scores)
    low, high = -np.inf, np.inf
    if len(differences) >= _ENOUGH * n_resamples:
        low, high = np.quantile(differences, [LEVEL / 2, 1 - LEVEL / 2])
    return Challenge(metric, new, old, float(low), float(high))


class _Score(NamedTuple):
    """A score of answers on rows that are drawn.

    Attributes
    ----------
    of_drawn : callable
        Takes how often each row was drawn.
    is_mean : bool
        Whether it comes from means over the rows, so that it need not be worked out anew.
    """

    of_drawn: Callable[[np.ndarray], float]
    is_mean: bool

    @classmethod
    def of(cls, metric: str, answers: Any, y: np.ndarray) -> _Score:
        scorer, every = scorer_for(metric, answers), np.arange(len(y))

        def by_scorer(times: np.ndarray) -> float:
            rows = np.repeat(every, times)
            return float(scorer(answers, rows.reshape(-1, 1), y[rows]))

        by_means = _from_means(metric, answers, y)
        once = np.ones(len(y), int)
        if by_means is None or not np.isclose(
            by_means(once), by_scorer(once), rtol=1e-9, atol=1e-12
        ):
            return cls(by_scorer, False)
        return cls(by_means, True)


def _from_means(metric: str, answers: Any, y: np.ndarray) -> Callable[[np.ndarray], float] | None:
    """Such a function for metrics that come from means over the rows, None for others."""

    def mean(values: np.ndarray) -> Callable[[np.ndarray], float]:
        return lambda times: float(times @ values / times.sum())

    if isinstance(answers, _Labels):
        if metric == "accuracy":
            return mean(answers.labels == y)
        if metric == "neg_log_loss":
            places = np.searchsorted(answers.classes_, y)
            likely = answers.probabilities[np.arange(len(y)), places]
            least = np.finfo(answers.probabilities.dtype).eps
            return mean(np.log(np.clip(likely, least, 1 - least)))
        return None
    errors = y - answers.values
    if metric == "neg_mean_absolute_error":
        return mean(-np.abs(errors))
    squared = mean(errors**2)
    if metric == "neg_mean_squared_error":
        return lambda times: -squared(times)
    if metric == "neg_root_mean_squared_error":
        return lambda times: -math.sqrt(squared(times))
    if metric == "r2":
        centre = y.mean()  # so that little is lost by the difference
        of_y, of_squares = mean(y - centre), mean((y - centre) ** 2)
        return lambda times: _r2(squared(times), of_squares(times) - of_y(times) ** 2)
    return None


def _r2(error: float, variance: float) -> float:
    if variance <= 0:  # as scikit-learn has it, so that it is finite
        return float(error == 0)
    return 1 - error / variance


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
