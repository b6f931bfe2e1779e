"""The columns of a user's table: what they may hold, and the form that they are brought into."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from pipelines.errors import InputError, listed

__all__ = [
    "beyond_float32",
    "category_text",
    "plain_column",
    "plain_features",
]

# What pandas.api.types.infer_dtype says of a column.
NUMBERS = frozenset({"integer", "floating", "mixed-integer-float", "decimal"})
LABELS = frozenset({"string", "boolean", "categorical"})
DATES = frozenset({"date", "datetime", "datetime64"})
TIMES = frozenset({"time", "timedelta", "timedelta64", "period"})


def plain_column(column: pd.Series) -> pd.Series | None:
    """Bring a column into one of four forms: numbers, booleans, text or dates.

    Parameters
    ----------
    column : Series
        A column of any dtype.

    Returns
    -------
    Series or None
        NumPy's whole numbers, float32 and float64 as they are, other numbers (nullable,
        decimal, float16) as float64; booleans without missing values as bool; text, categories and
        booleans with missing values as str. These are NaN. Dates as datetime64 without a time
        zone, in UTC where they had one; missing ones are NaT. None where the column is none of
        these.

    Examples
    --------
    >>> plain_column(pd.Series([1, None, 3], dtype="Int64")).tolist()
    [1.0, nan, 3.0]
    >>> plain_column(pd.Series([True, None], dtype=object)).tolist()
    ['True', nan]
    """
    kind = pd.api.types.infer_dtype(column, skipna=True)
    if kind in NUMBERS:
        keep = isinstance(column.dtype, np.dtype) and column.dtype.kind in "iuf"
        return column if keep and column.dtype != np.float16 else column.astype("float64")
    if kind == "boolean" and not column.hasnans:
        return column.astype(bool)
    if kind in LABELS:
        return column.astype(object).map(str, na_action="ignore").astype("str")
    if kind in DATES:
        dates = pd.to_datetime(column, utc=True, errors="coerce")
        return dates.dt.tz_localize(None)
    return None


def plain_features(table: pd.DataFrame, path: str) -> pd.DataFrame:
    """Check the feature columns of a table and bring them into their plain forms.

    Parameters
    ----------
    table : DataFrame of shape (n_rows, n_columns)
        The table without its target and group column.
    path : str
        What messages call the table.

    Returns
    -------
    DataFrame of shape (n_rows, n_columns)
        Numbers, booleans, text and dates, see :func:`plain_column`.

    Raises
    ------
    InputError
        If no column is left; if a column holds times or periods, holds what is neither a number
        nor text nor a date, or holds a number beyond the range of float32.
    """
    if table.columns.empty:
        raise InputError(
            f"No feature column is left in {path}; drop fewer columns, or add one to learn from."
        )
    kinds = {name: pd.api.types.infer_dtype(table[name], skipna=True) for name in table}
    times = [name for name, kind in kinds.items() if kind in TIMES]
    if times:
        raise InputError(
            f"{path} holds times or periods in {listed(times)}, which cannot be learned from as "
            f"they are; drop {_these(times)} or turn them into numbers or dates."
        )
    columns = {name: plain_column(table[name]) for name in table}
    other = [name for name, column in columns.items() if column is None]
    if other:
        raise InputError(
            f"{path} holds neither numbers nor text in {listed(other)} "
            f"(but {listed(sorted({str(kinds[name]) for name in other}))} values); "
            f"drop {_these(other)} or turn them into numbers or text."
        )
    beyond = {name: beyond_float32(column).sum() for name, column in columns.items()}
    beyond = {name: count for name, count in beyond.items() if count}
    if beyond:
        raise InputError(
            f"{path} holds numbers that are infinite or beyond the range of float32 in "
            + ", ".join(f"{name!r} ({count} of them)" for name, count in beyond.items())
            + "; correct them or leave these fields empty."
        )
    return pd.DataFrame(columns)


def category_text(value: Any) -> str:
    """Write a category as text, whichever type carries it.

    Examples
    --------
    >>> category_text(1.0), category_text(True), category_text("a")
    ('1', 'True', 'a')
    """
    is_whole = isinstance(value, float | np.floating) and float(value).is_integer()
    return str(int(value)) if is_whole else str(value)


def beyond_float32(column: pd.Series) -> pd.Series:
    """Return which values of a plain column are infinite or too large for float32."""
    if not pd.api.types.is_float_dtype(column.dtype):
        return pd.Series(False, index=column.index)
    return column.abs() > np.finfo(np.float32).max


def _these(names: list) -> str:
    return "this column" if len(names) == 1 else "these columns"
