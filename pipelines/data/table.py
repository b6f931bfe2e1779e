"""The user's own table as a data set."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from pipelines.data.columns import plain_features
from pipelines.data.dataset import Dataset
from pipelines.data.dates import date_format
from pipelines.data.finding import DataWarning, Finding
from pipelines.data.judgement import DUPLICATES, judge, useless_columns
from pipelines.data.reading import read_table, suffix_of, text_format
from pipelines.data.roles import check_roles, groups_of, require_target, target_of, times_of
from pipelines.data.task import settle_task
from pipelines.data.text_format import TextFormat
from pipelines.errors import InputError

__all__ = ["format_findings", "load_table"]


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
    target = require_target(target, table, path)
    _check_roles(table, path, target, dropped, groups, time)
    table = table.drop(columns=list(dropped))
    findings = [] if format is None else format_findings(format, path, encoding, separator)
    y = target_of(table.pop(target), path, task, findings)
    y, settled = settle_task(y, task)
    members = None if groups is None else groups_of(table.pop(groups), path)
    X = _without_useless(table, path, findings)
    X = _without_useless(plain_features(X, str(path)), path, findings)
    formats = {str(name): date_format(X[name]) for name in X}
    dates = {name: format for name, format in formats.items() if format is not None}
    kept = groups is not None or time is not None
    findings += judge(X, y, settled, dates, grouped=kept, time=time)
    for finding in findings:  # of the line that calls load_dataset
        warnings.warn(f"In {path}, {finding}", DataWarning, stacklevel=3)
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
    return dataset if time is None else _in_time(dataset, times_of(table[time], path))


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
    check_roles(table, path, roles)


def _without_useless(table: pd.DataFrame, path: Path, findings: list[Finding]) -> pd.DataFrame:
    found = useless_columns(table)
    findings += found
    left = table.drop(columns=[name for one in found for name in one.columns])
    if left.columns.empty and not table.columns.empty:
        raise InputError(
            f"No feature column of {path} says anything ({found[0].text}); add one to learn from."
        )
    return left


def _in_time(dataset: Dataset, times: pd.Series) -> Dataset:
    """Sort the rows by time, equal times in the order of the file."""
    times = times.sort_values(kind="stable")
    return replace(dataset, X=dataset.X.loc[times.index], y=dataset.y.loc[times.index], times=times)
