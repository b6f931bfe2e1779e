"""Rows to predict, in the forms that their columns had in training."""

from __future__ import annotations

import warnings
from collections.abc import Mapping

import pandas as pd

from pipelines.data.columns import beyond_float32, plain_column
from pipelines.data.finding import DataWarning
from pipelines.data.unread_dates import (
    mostly_unread,
    unread_dates,
    unread_error,
    unread_text,
)
from pipelines.errors import InputError, listed
from pipelines.input_statistics import ColumnStatistics

__all__ = ["plain_input"]


def plain_input(
    X: pd.DataFrame, statistics: Mapping[str, ColumnStatistics], path: str
) -> pd.DataFrame:
    """Bring columns into the forms that they had in training, or refuse them.

    Parameters
    ----------
    X : DataFrame of shape (n_rows, n_columns)
        With labels that count the rows of the file from 0.
    statistics : mapping of str to ColumnStatistics
        Of the rows trained on; a column that has none is brought into a plain form only.
    path : str
        What messages call the table.

    Returns
    -------
    DataFrame of shape (n_rows, n_columns)

    Raises
    ------
    InputError
        If a value cannot be what its column held.

    Warns
    -----
    DataWarning
        Of values that are no dates in a column that had such in training.
    """
    return pd.DataFrame(
        {name: _plain(column, statistics.get(str(name)), path) for name, column in X.items()}
    )


def _plain(column: pd.Series, statistics: ColumnStatistics | None, path: str) -> pd.Series:
    if column.isna().all():
        is_number = statistics is not None and statistics.kind == "number"
        return column.astype("float64") if is_number else column.astype(object)
    plain = plain_column(column)
    if plain is None:
        raise InputError(
            f"{column.name!r} in {path} holds {pd.api.types.infer_dtype(column)} values, which is "
            "neither numbers nor text nor dates; convert it."
        )
    if statistics is not None and statistics.kind == "number":
        numbers = pd.to_numeric(plain, errors="coerce")
        refused = numbers.isna() & plain.notna()
        if refused.any():
            raise InputError(
                f"{column.name!r} in {path} held numbers in training, but {_values(plain, refused)} "
                "is none: write a number there, or leave the field empty."
            )
        plain = numbers
    if statistics is not None and statistics.format is not None:
        _check_dates(plain, statistics.format, path, expected=statistics.n_unread > 0)
    beyond = beyond_float32(plain)
    if beyond.any():
        raise InputError(
            f"{column.name!r} in {path} holds numbers that are infinite or beyond the range of "
            f"float32, {_values(plain, beyond)}; correct them or leave these fields empty."
        )
    return plain


def _check_dates(column: pd.Series, format: str, path: str, *, expected: bool) -> None:
    """Refuse what is no date, or tell of it where training had such values too."""
    unread = unread_dates(column, format)
    if not unread.any():
        return
    above = int(column.index[0])
    if not expected or mostly_unread(column, unread, expected=True):
        raise unread_error(column, unread, format, source=path, rows_above=above)
    warnings.warn(
        f"In {path}, {unread_text(column, unread, rows_above=above)}, as in training.",
        DataWarning,
        stacklevel=2,
    )


def _values(column: pd.Series, marked: pd.Series) -> str:
    first = column[marked].iloc[:1]
    return f"{listed(first)} in row {first.index[0] + 1:,}"
