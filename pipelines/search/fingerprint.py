"""Fingerprints of everything that an evaluation depends on."""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib import metadata
from typing import Any

import joblib
import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, clone

import estimators
from estimators.source_network import source_of
from pipelines.data.digest import data_digest
from pipelines.search.evaluation import Candidate
from pipelines.search.fold import Split

__all__ = ["RESULTS_VERSION", "fingerprinted"]

RESULTS_VERSION = 2
"""Version of what computes results in this package: preprocessing, folds, scores. Raise it when the
same configuration gives other numbers; estimators have a version of their own."""

_LIBRARIES = ("tensorflow", "keras", "scikeras", "scikit-learn", "scipy", "numpy", "pandas")


def fingerprinted(
    candidates: Iterable[Candidate],
    estimator: BaseEstimator,
    X: pd.DataFrame,
    y: pd.Series,
    *,
    splits: Sequence[Split],
    metrics: Sequence[str],
    held_out: Mapping[str, np.ndarray] | None = None,
    activations: bool = False,
) -> list[Candidate]:
    """Give candidates their fingerprints.

    Two candidates have the same one if data, folds, metrics, pipeline with all its parameters,
    the versions of the results and those of the libraries are the same; number and name don't
    count. A candidate with a parameter that cannot be pickled has none.

    Parameters
    ----------
    candidates : iterable of Candidate
    estimator : estimator
        What takes the candidates' parameters.
    X : DataFrame of shape (n_rows, n_columns)
    y : Series of length n_rows
    splits : sequence of pairs of ndarray
    metrics : sequence of str
    held_out : mapping of str to ndarray, default=None
    activations : bool, default=False

    Returns
    -------
    list of Candidate
    """
    common = (
        data_digest(X, y),
        joblib.hash((list(splits), held_out)),
        tuple(metrics),
        activations,
        _versions(),
    )
    return [
        replace(candidate, fingerprint=_fingerprint(common, estimator, candidate))
        for candidate in candidates
    ]


def _fingerprint(common: Any, estimator: BaseEstimator, candidate: Candidate) -> str | None:
    described = _described(clone(estimator).set_params(**candidate.params))
    try:
        return joblib.hash((common, described))
    except pickle.PicklingError:  # say, a callback that holds an open file
        return None


@cache
def _versions() -> tuple[str, ...]:
    """Versions of everything that computes results."""
    own = (
        f"estimators {estimators.RESULTS_VERSION}",
        f"pipelines {RESULTS_VERSION}",
    )
    return own + tuple(f"{library} {metadata.version(library)}" for library in _LIBRARIES)


def _described(value: Any) -> Any:
    """Describe an estimator with its parameters, or any value, by built-in types."""
    if isinstance(value, type) or (callable(value) and hasattr(value, "__qualname__")):
        return f"{value.__module__}.{value.__qualname__}"
    if isinstance(value, BaseEstimator):
        params = value.get_params(deep=False)
        if params.get("init_from") is not None:  # parameters do not tell what it has learned
            params["init_from"] = source_of(params["init_from"]).digest
        return _described(type(value)), {name: _described(params[name]) for name in sorted(params)}
    if isinstance(value, dict):
        return [(str(key), _described(value[key])) for key in sorted(value, key=str)]
    if isinstance(value, list | tuple):
        return [_described(item) for item in value]
    return value.item() if isinstance(value, np.generic) else value
