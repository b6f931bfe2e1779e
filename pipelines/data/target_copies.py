"""Columns that explain the target by themselves: copies of it, or what is known only after it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipelines.data.task import Task

__all__ = ["explained_by_one_column"]

_CELLS = 1_000_000
_MOST_ROWS, _FEWEST_ROWS = 1500, 200
_LEAVES = 64
_FOLDS = 3


def explained_by_one_column(X: pd.DataFrame, y: pd.Series, task: Task) -> dict[str, float]:
    """Say how much of the target each column explains by itself.

    A decision tree on the one column is cross-validated on a sample of the rows. Where the column
    has numbers and the target classes, the tree has a leaf for each class: for two, it is a stump.
    Else it has 64 leaves at most.

    Parameters
    ----------
    X : DataFrame of shape (n_rows, n_columns)
        Numbers, booleans, text or dates.
    y : Series of length n_rows
    task : {"classification", "regression"}

    Returns
    -------
    dict of str to float
        By column. Of classes, the share of the errors of always saying the commonest that is
        avoided; of numbers, R2 of the target's ranks. 1 is a copy, 0 is nothing.
    """
    # They take as long to import as a small table to load.
    from sklearn.model_selection import KFold

    n_rows = int(np.clip(_CELLS / max(1, X.shape[1]), _FEWEST_ROWS, _MOST_ROWS))
    sample = np.random.default_rng(0).permutation(len(X))[:n_rows]
    X, y = X.iloc[sample], y.iloc[sample]
    classes = task == "classification"
    target = pd.factorize(y)[0] if classes else y.rank(pct=True).to_numpy()
    if classes:
        without = 1 - np.bincount(target).max() / len(target)
    else:
        without = float(((target - target.mean()) ** 2).mean())
    if without == 0:
        return dict.fromkeys(X.columns, 0.0)
    folds = list(KFold(_FOLDS, shuffle=True, random_state=0).split(target))
    explained = {}
    for name, column in X.items():
        values, n_levels = _as_numbers(column)
        leaves = max(2, min(_LEAVES, n_levels or int(target.max()) + 1)) if classes else _LEAVES
        predicted = _out_of_fold(values, target, folds, leaves, classes)
        wrong = predicted != target if classes else (predicted - target) ** 2
        explained[str(name)] = 1 - float(wrong.mean()) / without
    return explained


def _as_numbers(column: pd.Series) -> tuple[np.ndarray, int | None]:
    """A column of numbers for a tree, and the number of its categories, where it has such."""
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        column = (column - pd.Timestamp(0)).dt.total_seconds()
    elif not pd.api.types.is_numeric_dtype(column.dtype):
        codes, levels = pd.factorize(column)
        return np.where(codes < 0, np.nan, codes).reshape(-1, 1), len(levels) + 1
    return column.to_numpy("float64", na_value=np.nan).reshape(-1, 1), None


def _out_of_fold(
    values: np.ndarray,
    target: np.ndarray,
    folds: list[tuple[np.ndarray, np.ndarray]],
    leaves: int,
    classes: bool,
) -> np.ndarray:
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    Tree = DecisionTreeClassifier if classes else DecisionTreeRegressor
    predicted = np.empty_like(target)
    for train, test in folds:
        tree = Tree(max_leaf_nodes=leaves, random_state=0).fit(values[train], target[train])
        predicted[test] = tree.predict(values[test])
    return predicted
