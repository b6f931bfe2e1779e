"""What is said of values in a column of dates that are no dates in the format of training."""

from __future__ import annotations

import pandas as pd

from pipelines.data.dates import date_example, format_words, parse_dates, swapped_format
from pipelines.errors import InputError, listed

__all__ = ["mostly_unread", "unread_dates", "unread_error", "unread_text"]

_MANY = 20


def unread_dates(column: pd.Series, format: str, dates: pd.Series | None = None) -> pd.Series:
    """Mark the values of a column that are there, but no dates.

    Parameters
    ----------
    column : Series of length n_rows
    format : str
    dates : Series of length n_rows, default=None
        The same as dates, where they have been read.

    Returns
    -------
    Series of length n_rows, bool

    Examples
    --------
    >>> unread_dates(pd.Series(["2024-01-31", "soon", None]), "ISO8601").tolist()
    [False, True, False]
    """
    read = parse_dates(column, format) if dates is None else dates
    return read.isna() & column.notna()


def mostly_unread(column: pd.Series, unread: pd.Series, *, expected: bool) -> bool:
    """Whether more than half of the values that are there are no dates.

    Parameters
    ----------
    column, unread : Series of length n_rows
        See :func:`unread_dates`.
    expected : bool
        Whether some were in training; 20 values or more are needed then to tell.
    """
    n_present = int(column.notna().sum())
    return 2 * int(unread.sum()) > n_present and (not expected or n_present >= _MANY)


def unread_error(
    column: pd.Series, unread: pd.Series, format: str, *, source: str = "", rows_above: int = 0
) -> InputError:
    """Make the error that refuses values that are no dates.

    Parameters
    ----------
    column, unread : Series of length n_rows
        See :func:`unread_dates`.
    format : str
        That of training.
    source : str, default=""
        What messages call the table.
    rows_above : int, default=0
        Rows of the table that come before those of the column.

    Returns
    -------
    InputError
    """
    where = f"{column.name!r} in {source}" if source else repr(column.name)
    swapped, hint = swapped_format(format), ""
    if swapped is not None and parse_dates(column[unread].iloc[:1], swapped).notna().all():
        hint = (
            f"; it is one as {swapped}, so if the dates of training were such, too, train again with "
            "dates as year-month-day"
        )
    return InputError(
        f"{where} held {format_words(format)} in training, but "
        f"{_example(column, unread, rows_above)} is none: write dates as in training, such as "
        f"{date_example(format)!r}, or leave the field empty{hint}."
    )


def unread_text(column: pd.Series, unread: pd.Series, *, rows_above: int = 0) -> str:
    """Say how many values are no dates.

    Examples
    --------
    >>> column = pd.Series(["2024-01-31", "soon"], name="when")
    >>> unread_text(column, unread_dates(column, "ISO8601"))
    "1 value of 'when' is no date and counts as missing ('soon' in row 2)"
    """
    n_unread = int(unread.sum())
    some = _example(column, unread, rows_above)
    if n_unread == 1:
        return f"1 value of {column.name!r} is no date and counts as missing ({some})"
    return (
        f"{n_unread:,} values of {column.name!r} are no dates and count as missing (such as {some})"
    )


def _example(column: pd.Series, unread: pd.Series, rows_above: int) -> str:
    row = rows_above + int(unread.to_numpy().argmax()) + 1
    return f"{listed(column[unread].iloc[:1])} in row {row:,}"
