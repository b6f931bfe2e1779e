"""The user's own table as a data set."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from pipelines.data.columns import (
    beyond_float32,
    plain_column,
    plain_features,
    warn_of_identifiers,
    warn_of_numbers_and_dates_as_text,
)
from pipelines.data.dataset import Dataset
from pipelines.data.reading import read_table, suffix_of
from pipelines.data.task import settle_task
from pipelines.errors import InputError, did_you_mean, listed

__all__ = ["load_table"]


def load_table(
    path: Path,
    *,
    target: str | None,
    drop: Sequence[str] = (),
    groups: str | None = None,
    task: str | None = None,
) -> Dataset:
    """Load a CSV, TSV or Parquet file.

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
    task : {"classification", "regression"}, default=None
        None infers it, see :func:`pipelines.data.task.infer_task`.

    Returns
    -------
    Dataset
        Text, categorical and boolean columns are categories, and may have missing values like all
        others. The name is the file's name without its ending.

    Raises
    ------
    InputError
        If the file cannot be read, if a column that is named is not in it, or if target, groups
        or features are not fit to learn from.

    Warns
    -----
    UserWarning
        If a column looks like an identifier, or a column of text like numbers or dates.
    """
    table = read_table(path)
    dropped = (drop,) if isinstance(drop, str) else tuple(drop)
    if not target:
        raise InputError(
            f"A target is needed to learn from {path}; name the column to predict, one of "
            f"{listed(table.columns)}."
        )
    _check_roles(table, path, target, dropped, groups)
    table = table.drop(columns=list(dropped))
    y, settled = settle_task(_target(table.pop(target), path), task)
    members = None if groups is None else _groups(table.pop(groups), path)
    X = plain_features(table, str(path))
    warn_of_identifiers(X, str(path))
    warn_of_numbers_and_dates_as_text(X, str(path))
    return Dataset(
        name=path.name[: -len(suffix_of(path) or "")] or path.name,
        X=X,
        y=y,
        task=settled,
        kind="table",
        source=str(path),
        groups=members,
    )


def _check_roles(
    table: pd.DataFrame, path: Path, target: str, drop: tuple[str, ...], groups: str | None
) -> None:
    roles = [(name, "drop") for name in drop] + [(target, "take as target")]
    if groups is not None:
        roles.append((groups, "group by"))
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


def _target(column: pd.Series, path: Path) -> pd.Series:
    missing = column.isna()
    if missing.any():
        raise InputError(
            f"Every row of {path} needs a target, but {column.name!r} is missing in "
            f"{_rows(missing)}; fill these or remove the rows (empty fields, NA, None, null and the "
            "like count as missing: another word for a class that is called so)."
        )
    y = plain_column(column)
    if y is None:
        raise InputError(
            f"A target must be numbers, text or booleans, but {column.name!r} in {path} holds "
            f"{pd.api.types.infer_dtype(column)} values; convert it or choose another column."
        )
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
