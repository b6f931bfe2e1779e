"""Rows that stand in a table more than once."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipelines.data.step_targets import target_columns

__all__ = ["expected_pairs", "first_rows"]


def first_rows(X: pd.DataFrame, y: pd.Series | pd.DataFrame) -> np.ndarray:
    """Return for each row the position of the first one that equals it, target included.

    Returns
    -------
    ndarray of shape (n_rows,) of int
        A row that has no equal before it has its own position.

    Examples
    --------
    >>> X = pd.DataFrame({"a": [1.0, None, 1.0, None], "b": list("xyxy")})
    >>> first_rows(X, pd.Series([0, 0, 0, 1])).tolist()
    [0, 1, 0, 3]
    """
    # Two hashes of 64 bits under different keys: no two rows that differ share both.
    columns = {n: np.asarray(column) for n, column in enumerate(target_columns(y))}
    table = pd.concat([X, pd.DataFrame(columns, index=X.index)], axis="columns")
    hashes = pd.DataFrame(
        {
            key: pd.util.hash_pandas_object(table, index=False, hash_key=key * 16).to_numpy()
            for key in ("a", "b")
        }
    )
    numbers = hashes.groupby(["a", "b"], sort=False).ngroup().to_numpy()
    firsts = np.unique(numbers, return_index=True)[1]
    return firsts[numbers]


def expected_pairs(X: pd.DataFrame, y: pd.Series | pd.DataFrame) -> float:
    """Return the number of pairs of equal rows that chance would make.

    It is the number for columns that do not depend on each other: of the table with the values of
    each column shuffled.

    Examples
    --------
    >>> X = pd.DataFrame({"a": [1, 2, 1, 2]})
    >>> expected_pairs(X, pd.Series([0, 0, 0, 0]))
    3.0
    """
    n_rows = len(y)
    chance = 1.0
    for column in (*(X[name] for name in X), *target_columns(y)):
        shares = column.value_counts(normalize=True, dropna=False).to_numpy()
        chance *= float((shares**2).sum())
    return n_rows * (n_rows - 1) / 2 * chance
