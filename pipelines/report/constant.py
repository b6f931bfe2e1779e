"""The scores of a constant prediction, by which what has learned nothing is known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from pipelines.search import BaselineResult
from pipelines.search.fold import Split

__all__ = ["constant_scores"]

# What the best constant, that of the validation rows themselves, reaches by definition.
_BY_DEFINITION = {
    "r2": 0.0,
    "explained_variance": 0.0,
    "d2_absolute_error_score": 0.0,
    "matthews_corrcoef": 0.0,
    "roc_auc": 0.5,
    "roc_auc_ovr": 0.5,
    "roc_auc_ovo": 0.5,
    "roc_auc_ovr_weighted": 0.5,
    "roc_auc_ovo_weighted": 0.5,
}


def constant_scores(
    scorer: str,
    splits: Sequence[Split],
    *,
    baselines: Sequence[BaselineResult] = (),
    y: pd.Series | None = None,
) -> np.ndarray | None:
    """What a constant prediction scores on each fold.

    It is that of the baseline, where it was fitted; else what the metric says of every constant,
    as an R² of 0; and for accuracy the share of the most frequent class of the training rows.

    Parameters
    ----------
    scorer : str
    splits : sequence of pairs of ndarray
        The folds' training and validation rows.
    baselines : sequence of BaselineResult, default=()
    y : Series of length n_rows, default=None
        The rows' targets, where each row has one.

    Returns
    -------
    ndarray of shape (n_folds,), or None
        None where it is not known.

    Examples
    --------
    >>> rows = np.arange(6)
    >>> y = pd.Series(["a", "a", "b", "a", "b", "b"])
    >>> constant_scores("accuracy", [(rows[:3], rows[3:])], y=y).round(2)
    array([0.33])
    >>> constant_scores("r2", [(rows[:3], rows[3:])])
    array([0.])
    """
    for baseline in baselines:
        if baseline.name == "constant prediction" and baseline.validation:
            return baseline.validation[scorer]
    if scorer in _BY_DEFINITION:
        return np.full(len(splits), _BY_DEFINITION[scorer])
    if scorer != "accuracy" or y is None:
        return None
    labels = y.to_numpy()
    return np.array([_share(labels[train], labels[validation]) for train, validation in splits])


def _share(known: np.ndarray, asked: np.ndarray) -> float:
    """The share of the rows asked for that are of the most frequent class of the known ones."""
    classes, counts = np.unique(known, return_counts=True)
    return float(np.mean(asked == classes[counts.argmax()]))
