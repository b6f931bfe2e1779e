"""Names for everything that an evaluation depends on, so that it is known when it was done."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, clone

from pipelines.data.digest import data_digest
from pipelines.search.evaluation import Candidate, Split

__all__ = ["code_version", "fingerprinted"]

# What an evaluation runs through. The rest of the project only chooses, records and shows.
_CODE = (
    "estimators/**/*.py",
    "pipelines/preprocessing.py",
    "pipelines/search/evaluation.py",
    "pipelines/search/fold.py",
    "pipelines/search/layers.py",
    "pipelines/search/lockstep.py",
    "pipelines/search/metrics.py",
)
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
    layers: bool = False,
) -> list[Candidate]:
    """Give candidates their fingerprints.

    Two candidates have the same one if data, folds, metrics, pipeline with all its parameters,
    this project's code and the versions of the libraries are the same; number and name don't
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
    layers : bool, default=False

    Returns
    -------
    list of Candidate
    """
    common = (
        data_digest(X, y),
        joblib.hash((list(splits), held_out)),
        tuple(metrics),
        layers,
        code_version(),
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
def code_version() -> str:
    """Digest of the code that an evaluation runs through, and of the libraries' versions."""
    sha = hashlib.sha256()
    root = Path(__file__).parents[2]
    for pattern in _CODE:
        for file in sorted(root.glob(pattern)):
            sha.update(file.read_bytes())
    for library in _LIBRARIES:
        sha.update(f"{library} {metadata.version(library)}".encode())
    return sha.hexdigest()[:16]


def _described(value: Any) -> Any:
    """What an estimator is and what its parameters are, as plain data."""
    if isinstance(value, type) or (callable(value) and hasattr(value, "__qualname__")):
        return f"{value.__module__}.{value.__qualname__}"
    if isinstance(value, BaseEstimator):
        params = value.get_params(deep=False)
        return _described(type(value)), {name: _described(params[name]) for name in sorted(params)}
    if isinstance(value, dict):
        return [(str(key), _described(item)) for key, item in value.items()]
    if isinstance(value, list | tuple):
        return [_described(item) for item in value]
    return value.item() if isinstance(value, np.generic) else value
