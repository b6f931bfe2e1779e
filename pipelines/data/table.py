"""The user's own table as a data set."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
from pandas.api.types import is_list_like

from estimators.frame import pandas_frame
from pipelines.data.columns import plain_features
from pipelines.data.dataset import Dataset
from pipelines.data.dates import date_format
from pipelines.data.finding import DataWarning, Finding
from pipelines.data.judgement import DUPLICATES, judge, useless_columns
from pipelines.data.reading import check_names, read_table, suffix_of, text_format
from pipelines.data.roles import check_roles, groups_of, require_target, target_of, times_of
from pipelines.data.task import settle_task
from pipelines.data.text_format import TextFormat
from pipelines.errors import InputError

__all__ = ["format_findings", "load_table", "table_in_memory"]

_IN_MEMORY = "the table"


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
    table = read_table(path, format, identifiers=[groups])
    findings = [] if format is None else format_findings(format, path, encoding, separator)
    name = path.name[: -len(suffix_of(path) or "")] or path.name
    return _judged(
        table,
        name,
        str(path),
        findings,
        target=target,
        drop=drop,
        groups=groups,
        time=time,
        task=task,
    )


def table_in_memory(
    table: Any,
    *,
    target: str | None,
    drop: Sequence[str] = (),
    groups: str | None = None,
    time: str | None = None,
    task: str | None = None,
) -> Dataset:
    """Make a data set of a table of pandas, polars or Arrow, and judge it.

    Parameters
    ----------
    table : DataFrame of shape (n_rows, n_columns)
        It is not changed, and its index is not looked at. Names that are no text, such as numbers, are
        written as text.
    target, drop, groups, time, task
        As of :func:`load_table`.

    Returns
    -------
    Dataset
        With the name "table".

    Raises
    ------
    InputError
        As of :func:`load_table`, and where it is no table.
    """
    frame = table if isinstance(table, pd.DataFrame) else pandas_frame(table)
    if frame is None:
        raise InputError(
            f"A data set is a name, the path of a file or a table, but a {type(table).__name__} was "
            "given; give a DataFrame of pandas or polars, or an Arrow table."
        )
    frame = frame.reset_index(drop=True).set_axis(frame.columns.map(str), axis="columns")
    check_names(frame.columns, _IN_MEMORY)
    if frame.empty:
        raise InputError("The table has no rows; a table needs some.")
    return _judged(
        frame,
        "table",
        _IN_MEMORY,
        [],
        target=target,
        drop=drop,
        groups=groups,
        time=time,
        task=task,
    )


def _judged(
    table: pd.DataFrame,
    name: str,
    source: str,
    findings: list[Finding],
    *,
    target: str | None,
    drop: str | Sequence[str],
    groups: str | None,
    time: str | None,
    task: str | None,
) -> Dataset:
    dropped = tuple(map(str, drop if is_list_like(drop) else (drop,)))
    target, groups, time = (None if name is None else str(name) for name in (target, groups, time))
    target = require_target(target, table, source)
    _check_roles(table, source, target, dropped, groups, time)
    table = table.drop(columns=list(dropped))
    y = target_of(table.pop(target), source, task, findings)
    y, settled = settle_task(y, task)
    members = None if groups is None else groups_of(table.pop(groups), source)
    X = _without_useless(table, source, findings)
    X = _without_useless(plain_features(X, source), source, findings)
    formats = {str(column): date_format(X[column]) for column in X}
    dates = {column: format for column, format in formats.items() if format is not None}
    kept = groups is not None or time is not None
    findings += judge(X, y, settled, dates, grouped=kept, time=time)
    for finding in findings:  # of the line that calls load_dataset
        warnings.warn(f"In {source}, {finding}", DataWarning, stacklevel=4)
    dataset = Dataset(
        name=name,
        X=X,
        y=y,
        task=settled,
        kind="table",
        source=source,
        groups=members,
        dates=dates,
        findings=tuple(findings),
        duplicates_together=any(finding.kind == DUPLICATES for finding in findings),
    )
    return dataset if time is None else _in_time(dataset, times_of(table[time], source))


def format_findings(
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
    source: str,
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
    check_roles(table, source, roles)


def _without_useless(table: pd.DataFrame, source: str, findings: list[Finding]) -> pd.DataFrame:
    found = useless_columns(table)
    findings += found
    left = table.drop(columns=[name for one in found for name in one.columns])
    if left.columns.empty and not table.columns.empty:
        raise InputError(
            f"No feature column of {source} says anything ({found[0].text}); add one to learn from."
        )
    return left


def _in_time(dataset: Dataset, times: pd.Series) -> Dataset:
    """Sort the rows by time, equal times in the order of the file."""
    times = times.sort_values(kind="stable")
    return replace(dataset, X=dataset.X.loc[times.index], y=dataset.y.loc[times.index], times=times)
