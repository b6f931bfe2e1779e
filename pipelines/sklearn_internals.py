"""What is private in scikit-learn and used here; the only module that touches it.

``tests/pipelines/test_sklearn_internals.py`` says of each name what breaks when it goes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sklearn.base import BaseEstimator, _fit_context
from sklearn.model_selection._search import BaseSearchCV

from estimators._sklearn import Interval, StrOptions

__all__ = [
    "BaseSearchCV",
    "Interval",
    "StrOptions",
    "check_params",
    "fit_context",
    "format_results",
]

fit_context = _fit_context


def check_params(estimator: BaseEstimator) -> None:
    """Check an estimator's own parameters, where it declares constraints.

    Raises
    ------
    ValueError
        For a value that breaks its constraint.
    """
    if hasattr(estimator, "_parameter_constraints"):
        estimator._validate_params()


def format_results(
    search: BaseSearchCV,
    params: Sequence[Mapping[str, Any]],
    n_splits: int,
    rows: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """Make ``cv_results_``: means, deviations and ranks.

    Parameters
    ----------
    search : BaseSearchCV
    params : sequence of mapping
        Of each candidate.
    n_splits : int
    rows : sequence of mapping
        Of each fold of each candidate: "fit_time", "score_time", "test_scores" and
        "train_scores".
    """
    search.multimetric_ = False
    return search._format_results([dict(one) for one in params], n_splits, [*rows])
