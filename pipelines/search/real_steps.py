"""Answers in each step of sequences, as rows of their own."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, MetaEstimatorMixin, clone
from sklearn.utils import get_tags
from sklearn.utils.metaestimators import available_if

from pipelines.data.step_targets import each_target, is_by_step, real_steps

__all__ = ["EachStep", "RealSteps", "as_rows"]


def as_rows(
    estimator: BaseEstimator, X: pd.DataFrame | np.ndarray, y: pd.Series | pd.DataFrame
) -> tuple[BaseEstimator, pd.Series]:
    """See each real step as a row, where they have targets.

    Parameters
    ----------
    estimator : estimator
        Fitted.
    X : DataFrame or ndarray of shape (n_rows, n_columns)
    y : Series of length n_rows, or DataFrame of shape (n_rows, n_steps)

    Returns
    -------
    estimator : estimator
        It answers once a real step of X. It is the given one where y has one target a row.
    y : Series
        As many targets.
    """
    if not is_by_step(y):
        return estimator, y
    return RealSteps(estimator, real_steps(X, y.shape[1])), each_target(X, y)


def _has(method: str) -> Any:
    """Whether the estimator within has a method."""
    return available_if(lambda self: hasattr(self.estimator, method))


class _OfSteps(MetaEstimatorMixin, BaseEstimator):
    """An estimator with another one within, whose classes and kind it has."""

    estimator: Any

    @property
    def classes_(self) -> np.ndarray:
        return self._fitted.classes_

    @property
    def _fitted(self) -> Any:
        return self.estimator

    def predict(self, X: Any) -> np.ndarray:
        return self._answers("predict", X)

    @_has("predict_proba")
    def predict_proba(self, X: Any) -> np.ndarray:
        return self._answers("predict_proba", X)

    @_has("decision_function")
    def decision_function(self, X: Any) -> np.ndarray:
        return self._answers("decision_function", X)

    def _answers(self, method: str, X: Any) -> np.ndarray:
        raise NotImplementedError

    def __sklearn_tags__(self) -> Any:
        return get_tags(self.estimator)


class RealSteps(_OfSteps):
    """A fitted estimator with answers in each step, as one with an answer a real step.

    Parameters
    ----------
    estimator : estimator
        Its answers have the shape (n_rows, n_steps, ...).
    real : ndarray of shape (n_rows, n_steps), bool
        Which steps are real, of the rows that it will be asked for.
    """

    def __init__(self, estimator: BaseEstimator, real: np.ndarray) -> None:
        self.estimator = estimator
        self.real = real

    def fit(self, X: Any, y: Any) -> Self:
        """Return the estimator as it is, fitted already, which scorers ask to have this method."""
        return self

    def _answers(self, method: str, X: Any) -> np.ndarray:
        answers = np.asarray(getattr(self.estimator, method)(X))
        if answers.shape[:2] != self.real.shape:
            raise ValueError(
                f"An answer is wanted in each of {self.real.shape[1]} steps, but the model's answers "
                f"are of shape {answers.shape}: train one with return_sequences=True on as many steps."
            )
        return answers[self.real]

    def __sklearn_is_fitted__(self) -> bool:
        return True


class EachStep(_OfSteps):
    """A model of rows that answers in each step of sequences from the channels of that step alone.

    Parameters
    ----------
    estimator : estimator

    Examples
    --------
    >>> from sklearn.linear_model import LinearRegression
    >>> X = np.array([[0.0, 1.0], [2.0, np.nan]])  # of two steps and one, of one channel
    >>> y = pd.DataFrame([[1.0, 2.0], [3.0, 3.0]])
    >>> EachStep(LinearRegression()).fit(X, y).predict(X)[0].round(6).tolist()
    [1.0, 2.0]
    """

    def __init__(self, estimator: BaseEstimator) -> None:
        self.estimator = estimator

    def fit(self, X: Any, y: pd.DataFrame) -> Self:
        """Fit a clone of the estimator to all real steps.

        Parameters
        ----------
        X : array-like of shape (n_rows, n_steps * n_channels)
        y : DataFrame of shape (n_rows, n_steps)
        """
        self.n_steps_ = y.shape[1]
        steps = np.asarray(X).reshape(len(X), self.n_steps_, -1)
        real = real_steps(X, self.n_steps_)
        self.estimator_ = clone(self.estimator).fit(np.nan_to_num(steps[real]), each_target(X, y))
        return self

    @property
    def _fitted(self) -> Any:
        return self.estimator_

    def _answers(self, method: str, X: Any) -> np.ndarray:
        steps = np.asarray(X).reshape(len(X) * self.n_steps_, -1)
        answers = getattr(self.estimator_, method)(np.nan_to_num(steps))
        return answers.reshape(len(X), self.n_steps_, *answers.shape[1:])
