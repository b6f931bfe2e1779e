"""Targets of sequences that differ from step to step."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from pipelines.data.finding import Finding

__all__ = [
    "by_step_finding",
    "each_target",
    "is_by_step",
    "pad_targets",
    "real_steps",
    "target_columns",
    "target_name",
]


def pad_targets(y: pd.Series, rows: Sequence[np.ndarray]) -> pd.DataFrame:
    """Put the targets of sequences of different length side by side.

    Parameters
    ----------
    y : Series of length n_steps_of_all
        A target for each step.
    rows : sequence of ndarray of int
        Positions of the steps of each sequence, in order.

    Returns
    -------
    DataFrame of shape (n_rows, most_steps)
        A column a step, named after its number, of the target's dtype: shorter sequences are
        filled up with the target of their last step. The columns as a whole have the target's name.

    Examples
    --------
    >>> y = pd.Series(["a", "b", "c"], name="tag")
    >>> pad_targets(y, [np.array([2]), np.array([0, 1])]).to_numpy().tolist()
    [['c', 'c'], ['a', 'b']]
    """
    longest = max(len(own) for own in rows)
    places = np.array([own[np.minimum(np.arange(longest), len(own) - 1)] for own in rows])
    columns = {step: y.iloc[places[:, step]].to_numpy() for step in range(longest)}
    padded = pd.DataFrame(columns).astype(y.dtype)
    return padded.rename_axis(columns=y.name)


def is_by_step(y: pd.Series | pd.DataFrame) -> bool:
    """Whether a target is one in each step, a table as :func:`pad_targets` makes it."""
    return isinstance(y, pd.DataFrame)


def target_name(y: pd.Series | pd.DataFrame) -> str:
    """The name of a target, "target" where it has none."""
    return str((y.columns.name if isinstance(y, pd.DataFrame) else y.name) or "target")


def target_columns(y: pd.Series | pd.DataFrame) -> list[pd.Series]:
    """A target's columns, one of a target a row, and one a step of one in each step."""
    return [y[step] for step in y] if isinstance(y, pd.DataFrame) else [y]


def real_steps(X: pd.DataFrame | np.ndarray, n_steps: int) -> np.ndarray:
    """Say which steps of sequences are there, and which are padding at their end.

    Parameters
    ----------
    X : DataFrame or ndarray of shape (n_rows, n_steps * n_channels)
        All channels of a step side by side; steps of nan at the end are padding.
    n_steps : int

    Returns
    -------
    ndarray of shape (n_rows, n_steps), bool

    Examples
    --------
    >>> real_steps(np.array([[np.nan, 1.0, np.nan]]), 3).tolist()
    [[True, True, False]]
    """
    has_value = ~np.isnan(np.asarray(X).reshape(len(X), n_steps, -1)).all(axis=2)
    real: np.ndarray = np.maximum.accumulate(has_value[:, ::-1], axis=1)[:, ::-1]
    return real


def each_target(X: pd.DataFrame | np.ndarray, y: pd.Series | pd.DataFrame) -> pd.Series:
    """The targets one below the other: one a row, or those of all real steps.

    Parameters
    ----------
    X : DataFrame or ndarray of shape (n_rows, n_columns)
    y : Series of length n_rows, or DataFrame of shape (n_rows, n_steps)

    Returns
    -------
    Series
        ``y`` itself where it has one a row.
    """
    if not isinstance(y, pd.DataFrame):
        return y
    values = y.to_numpy()[real_steps(X, y.shape[1])]
    return pd.Series(values, name=y.columns.name, dtype=y.dtypes.iloc[0])


def by_step_finding(y: pd.DataFrame, X: pd.DataFrame, n_targets: int | None = None) -> Finding:
    """Say that a target differs within sequences, in how many, and which steps are left out.

    Parameters
    ----------
    y : DataFrame of shape (n_rows, n_steps)
    X : DataFrame of shape (n_rows, n_steps * n_channels)
    n_targets : int, default=None
        How many targets the input has, some perhaps of steps without a value; None is one for each
        real step.

    Returns
    -------
    Finding
    """
    real = real_steps(X, y.shape[1])
    n_differing = int((y.ne(y.iloc[:, 0], axis="index").to_numpy() & real).any(axis=1).sum())
    n_without_values = 0 if n_targets is None else n_targets - int(real.sum())
    where = f"differs within {n_differing:,} of {len(y):,} sequences"
    if not n_differing:
        where = "has a value in each step"
    left_out = (
        f"; {n_without_values:,} steps at the end of sequences have no value in any channel, and are "
        "left out"
        if n_without_values
        else ""
    )
    return Finding(
        "target by step",
        (target_name(y),),
        f"the target {target_name(y)!r} {where}, so that an answer for each step is learned, each of "
        f"which counts the same{left_out}",
        "make it the same in all rows of a sequence if one answer for the whole is wanted, and set "
        "bidirectional=false in grid or space if the steps after one are not known yet when it is "
        "answered",
    )
