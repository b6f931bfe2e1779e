"""Digests of data."""

from __future__ import annotations

import hashlib

import pandas as pd

from pipelines.data.step_targets import target_columns

__all__ = ["data_digest"]


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
