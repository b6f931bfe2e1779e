"""Digests of data."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np
import pandas as pd

from pipelines.data.step_targets import target_columns

__all__ = ["data_digest", "folds_digest"]


def data_digest(
    X: pd.DataFrame, y: pd.Series | pd.DataFrame, groups: pd.Series | None = None
) -> str:
    """Sixteen hexadecimal digits of a SHA-256 over contents, column names and dtypes.

    The order of rows and columns counts, row labels do not. It is the same in every process.

    Parameters
    ----------
    X : DataFrame of shape (n_rows, n_columns)
    y : Series of length n_rows, or DataFrame of shape (n_rows, n_steps)
    groups : Series of length n_rows, default=None

    Returns
    -------
    str
    """
    columns = [("X", X[name]) for name in X.columns]
    columns += [("y", column) for column in target_columns(y)]
    if groups is not None:
        columns.append(("groups", groups))
    sha = hashlib.sha256()
    for role, column in columns:
        sha.update(repr((role, str(column.name), str(column.dtype), len(column))).encode())
        sha.update(pd.util.hash_pandas_object(column, index=False).to_numpy().tobytes())
    return sha.hexdigest()[:16]


def folds_digest(
    y: pd.Series | pd.DataFrame, splits: Iterable[tuple[np.ndarray, np.ndarray]]
) -> str:
    """Sixteen hexadecimal digits of a SHA-256 over the targets and the rows of each fold.

    It is the same where scores of the folds can be compared in pairs, whatever the columns are.

    Parameters
    ----------
    y : Series of length n_rows, or DataFrame of shape (n_rows, n_steps)
    splits : iterable of pairs of ndarray
        Positions of the training and of the validation rows, fold by fold.

    Returns
    -------
    str
    """
    sha = hashlib.sha256(pd.util.hash_pandas_object(y, index=False).to_numpy().tobytes())
    for rows in (rows for split in splits for rows in split):
        sha.update(repr(len(rows)).encode() + np.asarray(rows, "int64").tobytes())
    return sha.hexdigest()[:16]
