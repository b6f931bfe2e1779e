"""The user's own table as a data set."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from pipelines.data.columns import beyond_float32, plain_column, plain_features
from pipelines.data.dataset import Dataset
from pipelines.data.dates import date_format, parse_dates
from pipelines.data.finding import DataWarning, Finding
from pipelines.data.judgement import DUPLICATES, judge, useless_columns
from pipelines.data.number_text import parse_numbers
from pipelines.data.reading import read_table, suffix_of, text_format
from pipelines.data.task import infer_task, settle_task
from pipelines.data.text_format import TextFormat
from pipelines.errors import InputError, did_you_mean, listed

__all__ = ["load_table"]

_MOSTLY_NUMBERS = 0.8


def load_table(
    path: Path,
    *,
    target: str | None,
    drop: Sequence[str] = (),
    groups: str | None = None,
    time: str | None = None,
    task: str | None = None,
    encoding: str | None = None,
    separator: str | None = None,
) -> Dataset:
    """Load a CSV, TSV or Parquet file, and judge it.

    Parameters
    ----------
    path : Path
        The file.
    target : str
        The column to predict; every row must have a value in it.
    drop : sequence of str, default=()
        Columns to leave out: identifiers, dates, what is not known when predicting.
    groups : str, default=None
        The column that says which rows belong together (a patient, a household). It is taken
        out of the features.
    time : str, default=None
        The column of dates or numbers that says which rows are later than others; it stays a
        feature. The rows are sorted by it.
    task : {"classification", "regression"}, default=None
        None infers it, see :func:`pipelines.data.task.infer_task`.
    encoding, separator : str, default=None
        Of a text file; None finds them, see :func:`pipelines.data.text_format.find_text_format`.

    Returns
    -------
    Dataset
        Text, categorical and boolean columns are categories, and may have missing values like all
        others. Columns that say nothing are left out. The name is the file's name without its
        ending.

    Raises
    ------
    InputError
        If the file cannot be read, if a column that is named is not in it, or if target, groups
        or features are not fit to learn from.

    Warns
    -----
    DataWarning
        For each finding, see :mod:`pipelines.data.judgement`.
    """
    format = text_format(path, encoding=encoding, separator=separator)
    table = read_table(path, format)
    dropped = (drop,) if isinstance(drop, str) else tuple(drop)
    if not target:
        raise InputError(
            f"A target is needed to learn from {path}; name the column to predict, one of "
            f"{listed(table.columns)}."
        )
    _check_roles(table, path, target, dropped, groups, time)
    table = table.drop(columns=list(dropped))
    findings = [] if format is None else _format_findings(format, path, encoding, separator)
    y = _target(table.pop(target), path, task, findings)
    y, settled = settle_task(y, task)
    members = None if groups is None else _groups(table.pop(groups), path)
    X = _without_useless(table, path, findings)
    X = _without_useless(plain_features(X, str(path)), path, findings)
    formats = {str(name): date_format(X[name]) for name in X}
    dates = {name: format for name, format in formats.items() if format is not None}
    findings += judge(X, y, settled, dates, grouped=groups is not None or time is not None)
    for finding in findings:
        warnings.warn(f"In {path}, {finding}", DataWarning, stacklevel=2)
    dataset = Dataset(
        name=path.name[: -len(suffix_of(path) or "")] or path.name,
        X=X,
        y=y,
        task=settled,
        kind="table",
        source=str(path),
        groups=members,
        dates=dates,
        findings=tuple(findings),
        duplicates_together=any(finding.kind == DUPLICATES for finding in findings),
    )
    return dataset if time is None else _in_time(dataset, table[time], time, path)


def _format_findings(
    format: TextFormat, path: Path, encoding: str | None, separator: str | None
) -> list[Finding]:
    """Say what was found of a text file, where it is not what one would have thought."""
    given = [name for name, value in (("encoding", encoding), ("separator", separator)) if value]
    if format.is_usual(suffix_of(path) or "") or len(given) == 2:
        return []
    return [
        Finding(
            "text format",
            (),
            f"it is read as {format}",
            "give encoding and separator where that is wrong",
        )
    ]


def _check_roles(
    table: pd.DataFrame,
    path: Path,
    target: str,
    drop: tuple[str, ...],
    groups: str | None,
    time: str | None,
) -> None:
    roles = [(name, "drop") for name in drop] + [(target, "take as target")]
    if groups is not None:
        roles.append((groups, "group by"))
    if time is not None:
        roles.append((time, "order by"))
        if groups is not None:
            raise InputError(
                "groups and time are two ways to hold rows out, of which there can be one: leave "
                "one of them out."
            )
    for name, use in roles:
        if name not in table:
            raise InputError(
                f"{path} has no column {name!r} to {use}{did_you_mean(name, table)}; its columns "
                f"are {listed(table.columns)}."
            )
    uses: dict[str, str] = {}
    for name, use in roles:
        if uses.setdefault(name, use) != use:
            raise InputError(
                f"A column can have one part only, but {name!r} is one to {uses[name]} and to "
                f"{use}; name another one."
            )


def _without_useless(table: pd.DataFrame, path: Path, findings: list[Finding]) -> pd.DataFrame:
    found = useless_columns(table)
    findings += found
    left = table.drop(columns=[name for one in found for name in one.columns])
    if left.columns.empty and not table.columns.empty:
        raise InputError(
            f"No feature column of {path} says anything ({found[0].text}); add one to learn from."
        )
    return left


def _in_time(dataset: Dataset, column: pd.Series, name: str, path: Path) -> Dataset:
    """Sort the rows by time, equal times in the order of the file."""
    plain = plain_column(column)
    format = None if plain is None else date_format(plain)
    if plain is not None and format is not None:
        plain = parse_dates(plain, format)
    elif plain is None or not pd.api.types.is_numeric_dtype(plain.dtype):
        raise InputError(
            f"Rows are ordered by dates or numbers, but {name!r} in {path} holds neither throughout; "
            "correct it, or name another column in time."
        )
    missing = plain.isna()
    if missing.any():
        raise InputError(
            f"Every row of {path} needs its time, but {name!r} is missing in {_rows(missing)}; fill "
            "these or remove the rows."
        )
    times = plain.sort_values(kind="stable")
    return replace(dataset, X=dataset.X.loc[times.index], y=dataset.y.loc[times.index], times=times)


def _target(column: pd.Series, path: Path, task: str | None, findings: list[Finding]) -> pd.Series:
    missing = column.isna()
    if missing.any():
        raise InputError(
            f"Every row of {path} needs a target, but {column.name!r} is missing in "
            f"{_rows(missing)}; fill these or remove the rows (empty fields, NA, None, null and the "
            "like count as missing: another word for a class that is called so)."
        )
    y = plain_column(column)
    if y is None or pd.api.types.is_datetime64_any_dtype(y.dtype):
        raise InputError(
            f"A target must be numbers, text or booleans, but {column.name!r} in {path} holds "
            f"{pd.api.types.infer_dtype(column)} values; convert it or choose another column."
        )
    if task != "classification" and pd.api.types.is_string_dtype(y.dtype):
        y = _numbers_of_text(y, path, task, findings)
    beyond = beyond_float32(y)
    if beyond.any():
        raise InputError(
            f"Every target must be a finite number within the range of float32, but "
            f"{column.name!r} in {path} is not in {_rows(beyond)}; correct or remove these rows."
        )
    if y.nunique() == 1:
        raise InputError(
            f"The target {column.name!r} in {path} has the value {listed(y.head(1))} in every "
            "row, so there is nothing to learn; choose another column."
        )
    return y


def _numbers_of_text(
    y: pd.Series, path: Path, task: str | None, findings: list[Finding]
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
            f"The target {y.name!r} in {path} holds numbers as text, but "
            f"{listed(y[unread].unique(), limit=3)} in {_rows(unread)} is none: write a number there "
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


def _groups(column: pd.Series, path: Path) -> pd.Series:
    missing = column.isna()
    if missing.any():
        raise InputError(
            f"Every row of {path} needs a group, but {column.name!r} is missing in "
            f"{_rows(missing)}; fill these or remove the rows."
        )
    members = plain_column(column)
    return column.astype(str) if members is None else members


def _rows(marked: pd.Series) -> str:
    """Say how many rows are marked, and which come first, counted from 1 below the names."""
    numbers = [position + 1 for position, mark in enumerate(marked) if mark]
    return f"{len(numbers)} of {len(marked)} rows (row {listed(numbers, limit=5)})"
