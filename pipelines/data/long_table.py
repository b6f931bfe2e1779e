"""Tables in long format: a row for each step of a sequence."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pipelines.data.columns import plain_features
from pipelines.data.dataset import Dataset
from pipelines.data.reading import read_table, suffix_of, text_format
from pipelines.data.roles import (
    check_roles,
    groups_of,
    require_target,
    require_targets,
    target_of,
    times_of,
)
from pipelines.data.sequences import make_sequences, pad
from pipelines.data.step_order import StepOrder, ambiguous_order, rows_by_sequence
from pipelines.data.step_targets import pad_targets
from pipelines.data.table import format_findings
from pipelines.data.task import settle_task
from pipelines.errors import InputError, listed

__all__ = ["load_long_table", "long_sequences"]


def load_long_table(
    path: Path,
    *,
    sequence_id: str,
    sequence_time: str | None = None,
    target: str | None,
    drop: Sequence[str] = (),
    groups: str | None = None,
    time: str | None = None,
    task: str | None = None,
    encoding: str | None = None,
    separator: str | None = None,
) -> Dataset:
    """Load a CSV, TSV or Parquet file with a row for each step of a sequence.

    Parameters
    ----------
    path : Path
    sequence_id : str
        The column that says which rows are steps of one sequence. Sequences come in the order in
        which the file begins them, and are never torn by a split.
    sequence_time : str, default=None
        The column of dates or numbers that orders the steps of a sequence; None is the order of
        the file. It is no channel.
    target : str
        The column to predict. Where it has the same value in all rows of each sequence, that is the
        answer for the sequence as a whole, else there is an answer in each step.
    drop : sequence of str, default=()
        Columns to leave out.
    groups : str, default=None
        The column that says which sequences belong together, such as those of one patient.
    time : str, default=None
        The column of dates or numbers by which sequences held out are later: a sequence is as
        late as the latest of its rows. It may be that of ``sequence_time``.
    task : {"classification", "regression"}, default=None
        None infers it.
    encoding, separator : str, default=None
        Of a text file; None finds them, see :func:`pipelines.data.text_format.find_text_format`.

    Returns
    -------
    Dataset
        All other columns, of numbers or booleans, are channels.

    Raises
    ------
    InputError
        As :func:`pipelines.data.table.load_table`; if the group is not the same in all rows
        of a sequence, or if a channel holds no numbers.

    Warns
    -----
    DataWarning
        For each finding.
    """
    format = text_format(path, encoding=encoding, separator=separator)
    table = read_table(path, format, identifiers=[sequence_id, groups])
    dropped = (drop,) if isinstance(drop, str) else tuple(drop)
    target = require_target(target, table, path)
    _check(table, path, sequence_id, sequence_time, target, dropped, groups, time)
    require_targets(table[target], path)
    ids = groups_of(table[sequence_id], path, "sequence")
    step_order = None if sequence_time is None else StepOrder(sequence_time)
    rows = rows_by_sequence(table, ids, step_order, path)
    firsts = np.array([own[0] for own in rows])
    findings = [] if format is None else format_findings(format, path, encoding, separator)
    if sequence_time is not None:
        step_order = StepOrder.of(table[sequence_time])
        findings += ambiguous_order(table[sequence_time], ids, step_order)

    def once(name: str) -> pd.Series:
        return _same_within(table[name], rows, path).reset_index(drop=True)

    differs = _differing(table[target], rows) is not None
    column = (table[target] if differs else table[target].iloc[firsts]).reset_index(drop=True)
    y: pd.Series | pd.DataFrame
    y, settled = settle_task(target_of(column, path, task, findings), task)
    if differs:
        y = pad_targets(y, rows)
    more: dict[str, Any] = {}
    if groups is not None:
        more["groups"] = groups_of(once(groups), path)
    order = pd.RangeIndex(len(y))
    if time is not None:
        times = times_of(table[time], path)
        last = pd.Series([times.iloc[own].max() for own in rows], name=time)
        more["times"] = last.sort_values(kind="stable")
        order = more["times"].index
    used = {sequence_id, sequence_time, target, groups, time} - {None}
    channels = _channels(
        table.drop(columns=[*dropped, *used]), path, "name them in drop, or write them as numbers"
    )
    values = channels.to_numpy("float64")
    sequences = pad([values[own] for own in rows])
    labels = ids.iloc[firsts].reset_index(drop=True)
    dataset = make_sequences(
        sequences[order],
        y.loc[order],
        name=path.name[: -len(suffix_of(path) or "")] or path.name,
        source=str(path),
        task=settled,
        channels=[str(name) for name in channels],
        findings=findings,
        n_targets=len(table) if differs else None,
        step_order=step_order,
        **more,
    )
    return _labelled(dataset, labels.loc[order])


def long_sequences(
    table: pd.DataFrame,
    channels: Sequence[str],
    *,
    sequence_id: str,
    step_order: StepOrder | None,
    path: Path,
) -> tuple[np.ndarray, pd.Series, list[np.ndarray]]:
    """Read the sequences to predict from a table in long format.

    Parameters
    ----------
    table : DataFrame of shape (n_rows, n_columns)
    channels : sequence of str
        The columns that were channels in training.
    sequence_id : str
    step_order : StepOrder or None
    path : Path
        What messages call the table.

    Returns
    -------
    sequences : ndarray of shape (n_sequences, n_steps, n_channels)
    ids : Series of length n_sequences
    rows : list of ndarray of int
        Positions of the rows of each sequence in the table, in the order of its steps.

    Raises
    ------
    InputError
        If a column is missing, or holds no numbers.
    """
    roles = [
        (sequence_id, "tell sequences by"),
        *((name, "read as a channel") for name in channels),
    ]
    if step_order is not None:
        roles.append((step_order.column, "order steps by"))
    check_roles(table, path, roles)
    ids = groups_of(table[sequence_id], path, "sequence")
    rows = rows_by_sequence(table, ids, step_order, path)
    values = _channels(
        table[list(channels)], path, "write them as numbers, as they were in training"
    ).to_numpy("float64")
    firsts = np.array([own[0] for own in rows])
    return pad([values[own] for own in rows]), ids.iloc[firsts].reset_index(drop=True), rows


def _check(
    table: pd.DataFrame,
    path: Path,
    sequence_id: str,
    sequence_time: str | None,
    target: str,
    drop: tuple[str, ...],
    groups: str | None,
    time: str | None,
) -> None:
    roles = [(name, "drop") for name in drop]
    roles += [(target, "take as target"), (sequence_id, "tell sequences by")]
    if sequence_time is not None:
        roles.append((sequence_time, "order steps by"))
    if groups is not None:
        roles.append((groups, "group by"))
    if time is not None and time != sequence_time:
        roles.append((time, "order by"))
    if groups is not None and time is not None:
        raise InputError(
            "groups and time are two ways to hold sequences out, of which there can be one: leave "
            "one of them out."
        )
    check_roles(table, path, roles)


def _same_within(column: pd.Series, rows: Sequence[np.ndarray], path: Path) -> pd.Series:
    """One value of a column for each sequence, which must be the same in all of its rows."""
    differing = _differing(column, rows)
    if differing is not None:
        values = listed(column.iloc[differing].drop_duplicates(), limit=3)
        raise InputError(
            f"{column.name!r} in {path} must have one value for all steps of a sequence, but the "
            f"one that begins in row {differing.min() + 1} has {values}: a sequence belongs to one "
            "group as a whole. Name another column, or make it the same."
        )
    return column.iloc[[own[0] for own in rows]]


def _differing(column: pd.Series, rows: Sequence[np.ndarray]) -> np.ndarray | None:
    """The rows of the first sequence in which a column has several values; None where none has."""
    codes = pd.factorize(column, use_na_sentinel=False)[0]
    return next((own for own in rows if (codes[own] != codes[own[0]]).any()), None)


def _channels(table: pd.DataFrame, path: Path, remedy: str) -> pd.DataFrame:
    """The channels of a table, which must be numbers or booleans."""
    truths = [
        name for name in table if pd.api.types.infer_dtype(table[name], skipna=True) == "boolean"
    ]
    numbers = {name: table[name].astype("boolean").astype("Float64") for name in truths}
    plain = plain_features(table.assign(**numbers), str(path))
    other = [
        str(name)
        for name, column in plain.items()
        if not pd.api.types.is_numeric_dtype(column.dtype) and column.notna().any()
    ]
    if other:
        raise InputError(
            f"Channels of sequences are numbers, but {path} holds text or dates in {listed(other)}; "
            f"{remedy}."
        )
    return plain.apply(pd.to_numeric, errors="coerce").astype("float64")


def _labelled(dataset: Dataset, labels: pd.Series) -> Dataset:
    """Give the sequences their own names as labels of the rows."""
    return dataset.relabelled(pd.Index(labels.to_numpy()))
