"""Columns of a table that are no features: target, groups and times."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from pipelines.data.columns import beyond_float32, plain_column
from pipelines.data.dates import date_example, date_format, format_words, parse_dates
from pipelines.data.finding import Finding
from pipelines.data.number_text import parse_numbers
from pipelines.data.task import infer_task
from pipelines.data.unread_dates import unread_dates
from pipelines.errors import InputError, did_you_mean, listed

__all__ = [
    "check_roles",
    "groups_of",
    "require_target",
    "require_targets",
    "rows_text",
    "target_of",
    "times_of",
]

_MOSTLY_NUMBERS = 0.8


def require_target(target: str | None, table: pd.DataFrame, source: Path | str) -> str:
    """Return the name of the target.

    Raises
    ------
    InputError
        If none is given.
    """
    if not target:
        raise InputError(
            f"A target is needed to learn from {source}; name the column to predict, one of "
            f"{listed(table.columns)}."
        )
    return target


def check_roles(table: pd.DataFrame, source: Path | str, roles: Sequence[tuple[str, str]]) -> None:
    """Refuse names that a table does not have, and columns with two parts.

    Parameters
    ----------
    table : DataFrame
    source : Path or str
        What messages call the table.
    roles : sequence of pairs of str
        Names of columns with what they are used to do, such as "drop" or "group by".

    Raises
    ------
    InputError
    """
    for name, use in roles:
        if name not in table:
            parts = [part.strip() for part in str(name).split(",")]
            if len(parts) > 1 and all(part in table for part in parts):
                raise InputError(
                    f"{source} has no column {name!r} to {use}, but one for each of these names: "
                    "a single one is wanted here, so name one of them."
                )
            raise InputError(
                f"{source} has no column {name!r} to {use}{did_you_mean(name, table)}; its columns "
                f"are {listed(table.columns)}."
            )
    uses: dict[str, str] = {}
    for name, use in roles:
        if uses.setdefault(name, use) != use:
            raise InputError(
                f"A column can have one part only, but {name!r} is one to {uses[name]} and to "
                f"{use}; name another one."
            )


def require_targets(column: pd.Series, source: Path | str) -> None:
    """Refuse a target column with missing values.

    Raises
    ------
    InputError
    """
    missing = column.isna()
    if missing.any():
        raise InputError(
            f"Every row of {source} needs a target, but {column.name!r} is missing in "
            f"{rows_text(missing)}; fill these or remove the rows (empty fields, NA, None, null and the "
            "like count as missing: another word for a class that is called so)."
        )


def target_of(
    column: pd.Series, source: Path | str, task: str | None, findings: list[Finding]
) -> pd.Series:
    """Check a target column; what was done with it is added to the findings."""
    require_targets(column, source)
    y = plain_column(column)
    if y is None or pd.api.types.is_datetime64_any_dtype(y.dtype):
        raise InputError(
            f"A target must be numbers, text or booleans, but {column.name!r} in {source} holds "
            f"{pd.api.types.infer_dtype(column)} values; convert it or choose another column."
        )
    if task != "classification" and pd.api.types.is_string_dtype(y.dtype):
        y = _numbers_of_text(y, source, task, findings)
    beyond = beyond_float32(y)
    if beyond.any():
        raise InputError(
            f"Every target must be a finite number within the range of float32, but "
            f"{column.name!r} in {source} is not in {rows_text(beyond)}; correct or remove these rows."
        )
    if y.nunique() == 1:
        raise InputError(
            f"The target {column.name!r} in {source} has the value {listed(y.head(1))} in every "
            "row, so there is nothing to learn; choose another column."
        )
    return y


def _numbers_of_text(
    y: pd.Series, source: Path | str, task: str | None, findings: list[Finding]
) -> pd.Series:
    """Read a target of numbers that are written as text, and leave names of classes as they are."""
    numbers = parse_numbers(y)
    unread = numbers.isna()
    if unread.mean() > 1 - _MOSTLY_NUMBERS:
        return y
    known = numbers[~unread]
    if task is None and infer_task(known) == "classification":
        return y
    if unread.any():
        raise InputError(
            f"The target {y.name!r} in {source} holds numbers as text, but "
            f"{listed(y[unread].unique(), limit=3)} in {rows_text(unread)} is none: write a number there "
            "or remove the rows, or give task=classification if these are names of classes."
        )
    findings.append(
        Finding(
            "numbers as text",
            (str(y.name),),
            f"the target {y.name!r} holds numbers as text such as {listed(y.head(1))}, which is read "
            f"as {numbers.iloc[0]:g}",
            "give task=classification if these are names of classes",
        )
    )
    return numbers


def groups_of(column: pd.Series, source: Path | str, unit: str = "group") -> pd.Series:
    """Check a column of groups, or what else a unit is, and return them in a plain form."""
    missing = column.isna()
    if missing.any():
        raise InputError(
            f"Every row of {source} needs a {unit}, but {column.name!r} is missing in "
            f"{rows_text(missing)}; fill these or remove the rows."
        )
    members = plain_column(column)
    return column.astype(str) if members is None else members


def times_of(
    column: pd.Series, source: Path | str, option: str = "time", format: str | None = None
) -> pd.Series:
    """Check a column of times, and return them as dates or numbers in the order of the file.

    Parameters
    ----------
    column : Series of length n_rows
    source : Path or str
        What messages call the table.
    option : str, default="time"
        By which the column was named.
    format : str, default=None
        Of its dates in training, where there was one; see
        :func:`pipelines.data.dates.date_format`. None finds it.

    Returns
    -------
    Series of length n_rows

    Raises
    ------
    InputError
        If the values are neither dates nor numbers, or if some are missing or no dates.
    """
    name = column.name
    missing = column.isna()
    if missing.any():
        raise InputError(
            f"Every row of {source} needs its time, but {name!r} is missing in {rows_text(missing)}; fill "
            "these or remove the rows."
        )
    plain = plain_column(column)
    was, remedy = "holds", "correct these or remove the rows"
    if format is not None:
        was, remedy = "in training held", f"write all as then, such as {date_example(format)!r}"
    elif plain is not None:
        format = date_format(plain)
    if plain is None or (format is None and not pd.api.types.is_numeric_dtype(plain.dtype)):
        raise InputError(
            f"Rows are ordered by dates or numbers, but {name!r} in {source} holds neither throughout; "
            f"correct it, or name another column in {option}."
        )
    if format is None:
        return plain
    dates = parse_dates(plain, format)
    unread = unread_dates(plain, format, dates)
    if unread.any():
        raise InputError(
            f"{name!r} {was} {format_words(format)}, but {listed(plain[unread].iloc[:1])} in {source} is "
            f"none, in {rows_text(unread)}; {remedy}."
        )
    return dates


def rows_text(marked: pd.Series) -> str:
    """Say how many rows are marked, and which come first, counted from 1 below the names."""
    numbers = [position + 1 for position, mark in enumerate(marked) if mark]
    return f"{len(numbers)} of {len(marked)} rows (row {listed(numbers, limit=5)})"
