"""The columns of a user's table: what they may hold, and the form that they are brought into."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd

from pipelines.errors import InputError, listed

__all__ = [
    "beyond_float32",
    "plain_column",
    "plain_features",
    "warn_of_identifiers",
    "warn_of_numbers_and_dates_as_text",
]

# What pandas.api.types.infer_dtype says of a column.
NUMBERS = frozenset({"integer", "floating", "mixed-integer-float", "decimal"})
LABELS = frozenset({"string", "boolean", "categorical"})
DATES = frozenset({"date", "datetime", "datetime64", "time", "timedelta", "timedelta64", "period"})

MIN_ROWS_OF_AN_IDENTIFIER = 21

_MOST = 0.8
_ORNAMENTS = r"[,\s$€£¥%]"
_DATE = r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[T ].*)?"


def plain_column(column: pd.Series) -> pd.Series | None:
    """Bring a column into one of three forms: numbers, booleans or text.

    Parameters
    ----------
    column : Series
        A column of any dtype.

    Returns
    -------
    Series or None
        NumPy's whole numbers, float32 and float64 as they are, other numbers (nullable,
        decimal, float16) as float64; booleans without missing values as bool; text, categories and
        booleans with missing values as str. These are NaN. None where the column is none of these.

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
        Numbers, booleans and text, see :func:`plain_column`.

    Raises
    ------
    InputError
        If no column is left; if a column has no value at all, holds dates or times, holds what
        is neither a number nor text, or holds a number beyond the range of float32.
    """
    if table.columns.empty:
        raise InputError(
            f"No feature column is left in {path}; drop fewer columns, or add one to learn from."
        )
    empty = [name for name in table if table[name].isna().all()]
    if empty:
        raise InputError(f"No row of {path} has a value in {listed(empty)}; drop {_these(empty)}.")
    kinds = {name: pd.api.types.infer_dtype(table[name], skipna=True) for name in table}
    dates = [name for name, kind in kinds.items() if kind in DATES]
    if dates:
        raise InputError(
            f"{path} holds dates or times in {listed(dates)}, which cannot be learned from as "
            f"they are; drop {_these(dates)} or turn them into numbers."
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


def warn_of_identifiers(X: pd.DataFrame, path: str) -> None:
    """Warn of columns that name a row rather than say something about it.

    These are text of which no two rows of more than 20 share a value, and columns without a
    name, which are row numbers that another program wrote.

    Parameters
    ----------
    X : DataFrame of shape (n_rows, n_columns)
        The features.
    path : str
        What the warning calls the table.

    Warns
    -----
    UserWarning
        Once for all such columns.
    """
    suspects = [
        name
        for name in X
        if name.startswith("Unnamed: ")
        or (
            len(X) >= MIN_ROWS_OF_AN_IDENTIFIER
            and pd.api.types.is_string_dtype(X[name].dtype)
            and X[name].is_unique
        )
    ]
    if suspects:
        warnings.warn(
            f"In {path}, {listed(suspects)} looks like an identifier of the row, from which "
            "nothing general can be learned; name it in drop to leave it out.",
            UserWarning,
            stacklevel=2,
        )


def warn_of_numbers_and_dates_as_text(X: pd.DataFrame, path: str) -> None:
    """Warn of columns of text most of whose values are numbers or dates.

    One "?" makes text of a column of numbers, and then each number is a category of its own.

    Parameters
    ----------
    X : DataFrame of shape (n_rows, n_columns)
        The features.
    path : str
        What the warning calls the table.

    Warns
    -----
    UserWarning
        Once for each such column.
    """
    for name in X:
        if not pd.api.types.is_string_dtype(X[name].dtype):
            continue
        values = X[name].dropna()
        other = values[pd.to_numeric(values, errors="coerce").isna()]
        bare = values.str.replace(_ORNAMENTS, "", regex=True)
        are_numbers = pd.to_numeric(bare, errors="coerce").notna().mean() >= _MOST
        if are_numbers and len(other):
            message = (
                f"In {path}, {name!r} is text because of {listed(other.unique(), limit=3)} in "
                f"{len(other)} of {len(X)} rows, though most values are numbers, and each number is "
                "taken for a category: write plain numbers, and nothing where there is none."
            )
        elif values.str.fullmatch(_DATE).mean() >= _MOST:
            message = (
                f"In {path}, {name!r} looks like dates, each of which is taken for a category: name "
                "it in drop, or turn it into numbers."
            )
        else:
            continue
        warnings.warn(message, UserWarning, stacklevel=2)


def beyond_float32(column: pd.Series) -> pd.Series:
    """Return which values of a plain column are infinite or too large for float32."""
    if not pd.api.types.is_float_dtype(column.dtype):
        return pd.Series(False, index=column.index)
    return column.abs() > np.finfo(np.float32).max


def _these(names: list) -> str:
    return "this column" if len(names) == 1 else "these columns"
