"""Intervals around predicted numbers, from how far off a model was on rows held out."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from sklearn.base import is_regressor

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

__all__ = ["calibrate_intervals", "half_width", "predict_intervals"]

_ERRORS = "held_out_errors_"
_MOST_ERRORS = 1000


def calibrate_intervals(pipeline: Pipeline, X: pd.DataFrame, y: pd.Series) -> None:
    """Keep in a fitted pipeline how far off it is on rows that it was not fitted on.

    Nothing is kept of a classifier, or where there are several values a row.

    Parameters
    ----------
    pipeline : sklearn.pipeline.Pipeline
        Gets the attribute ``held_out_errors_``: the absolute errors in order, at most 1,000 of them.
        It is saved with the pipeline.
    X : DataFrame of shape (n_rows, n_columns)
    y : Series of length n_rows
    """
    if not is_regressor(pipeline) or np.ndim(y) != 1 or not len(y):
        return
    predicted = np.asarray(pipeline.predict(X))
    if predicted.ndim != 1:
        return
    errors = np.sort(np.abs(np.asarray(y, dtype=float) - predicted))
    if len(errors) > _MOST_ERRORS:
        # Of 1,000 the k-th has the rank among them all that makes intervals none too narrow.
        ranks = np.ceil((len(errors) + 1) * np.arange(1, _MOST_ERRORS + 1) / (_MOST_ERRORS + 1))
        errors = errors[ranks.astype(int) - 1]
    setattr(pipeline, _ERRORS, errors)


def half_width(pipeline: Pipeline, coverage: float = 0.9) -> float | None:
    """Return how far the interval of a share of the rows reaches to either side of a prediction.

    It is the error of rank ``ceil((n + 1) * coverage)`` among n rows held out: where new rows come
    from the same distribution, that share of them lies within, in the mean over such tables and
    whatever the model is (split conformal prediction [1]_).

    Parameters
    ----------
    pipeline : sklearn.pipeline.Pipeline
    coverage : float, default=0.9
        The share, above 0 and below 1.

    Returns
    -------
    float or None
        None where the pipeline has no intervals, or had too few rows held out for so large a share.

    References
    ----------
    .. [1] J. Lei et al., "Distribution-Free Predictive Inference for Regression", Journal of the
       American Statistical Association, 113:1094-1111, 2018.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> model = SimpleNamespace(held_out_errors_=np.array([1.0, 2.0, 3.0, 4.0]))
    >>> half_width(model, 0.5), half_width(model, 0.9)
    (3.0, None)
    """
    errors: Any = getattr(pipeline, _ERRORS, ())
    rank = math.ceil(round((len(errors) + 1) * coverage, 9))
    return float(errors[rank - 1]) if rank <= len(errors) else None


def predict_intervals(
    pipeline: Pipeline, X: pd.DataFrame, coverage: float = 0.9
) -> np.ndarray | None:
    """Predict the interval in which the target of a share of such rows lies.

    Parameters
    ----------
    pipeline : sklearn.pipeline.Pipeline
        Of a search of numbers (`load_pipeline`), or after :func:`calibrate_intervals`.
    X : DataFrame of shape (n_rows, n_columns)
    coverage : float, default=0.9

    Returns
    -------
    ndarray of shape (n_rows, 2) or None
        Lower and upper ends, in units of the target; None as of :func:`half_width`.
    """
    width = half_width(pipeline, coverage)
    if width is None:
        return None
    predicted = np.asarray(pipeline.predict(X), dtype=float)
    return np.column_stack([predicted - width, predicted + width])
