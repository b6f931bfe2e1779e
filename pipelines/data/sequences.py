"""Sequences as a data set: rows of steps and channels, side by side in a table."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from pipelines.data.dataset import Dataset
from pipelines.data.finding import DataWarning, Finding
from pipelines.data.judgement import DUPLICATES, judge_sequences
from pipelines.data.reading import MAX_COLUMNS
from pipelines.data.step_targets import by_step_finding
from pipelines.data.task import Task
from pipelines.errors import InputError, listed

__all__ = ["SEQUENCE_SUFFIXES", "flat_table", "make_sequences", "pad", "step_columns"]

SEQUENCE_SUFFIXES = (".ts", ".npz", ".npy")
"""Endings of files that hold sequences, and nothing else."""


def pad(sequences: Sequence[np.ndarray]) -> np.ndarray:
    """Put sequences of different length into one array, shorter ones filled up with nan.

    Parameters
    ----------
    sequences : sequence of ndarray of shape (n_steps, n_channels)
        Each with a number of steps of its own.

    Returns
    -------
    ndarray of shape (n_rows, most_steps, n_channels) of float64

    Examples
    --------
    >>> pad([np.ones((1, 1)), np.zeros((2, 1))]).squeeze(axis=2).tolist()
    [[1.0, nan], [0.0, 0.0]]
    """
    longest = max(len(one) for one in sequences)
    padded = np.full((len(sequences), longest, sequences[0].shape[1]), np.nan)
    for row, one in zip(padded, sequences, strict=True):
        row[: len(one)] = one
    return padded


def step_columns(channels: Sequence[str], n_steps: int) -> list[str]:
    """Names of the columns of a flat table: all channels of a step side by side.

    Examples
    --------
    >>> step_columns(["x", "y"], 2)
    ['x_0', 'y_0', 'x_1', 'y_1']
    """
    return [f"{channel}_{step}" for step in range(n_steps) for channel in channels]


def flat_table(
    sequences: np.ndarray, channels: Sequence[str], index: pd.Index | None = None
) -> pd.DataFrame:
    """Write an array of rows, steps and channels as a table.

    Parameters
    ----------
    sequences : ndarray of shape (n_rows, n_steps, n_channels)
    channels : sequence of str
        Names of the channels.
    index : Index of length n_rows, default=None
        Labels of the rows.

    Returns
    -------
    DataFrame of shape (n_rows, n_steps * n_channels)
        Of float32, unless the array is of whole numbers.
    """
    n_rows, n_steps, _ = sequences.shape
    dtype = sequences.dtype if sequences.dtype.kind in "iu" else np.float32
    flat = sequences.reshape(n_rows, -1).astype(dtype)
    return pd.DataFrame(flat, columns=step_columns(channels, n_steps), index=index)


def make_sequences(
    sequences: np.ndarray,
    y: pd.Series | pd.DataFrame,
    *,
    name: str,
    source: str,
    task: Task,
    channels: Sequence[str] = (),
    findings: Sequence[Finding] = (),
    n_targets: int | None = None,
    **more: Any,
) -> Dataset:
    """Make a data set of a user's sequences, and judge it.

    Parameters
    ----------
    sequences : ndarray of shape (n_rows, n_steps, n_channels)
        Numbers; shorter sequences are filled up with nan at their end, and single values may be
        nan where they are missing.
    y : Series of length n_rows, or DataFrame of shape (n_rows, n_steps)
        The table is one of a target in each step, see
        :func:`pipelines.data.step_targets.pad_targets`.
    name, source : str
    task : {"classification", "regression"}
    channels : sequence of str, default=()
        Their names; else they are numbered.
    findings : sequence of Finding, default=()
        What was found while it was read.
    n_targets : int, default=None
        How many targets by step the input has, perhaps some of steps without a value.
    **more
        Further attributes of the data set: ``groups``, ``times``, ``test_rows``, ``step_order``.

    Returns
    -------
    Dataset
        Of the kind "sequence", without channels that say nothing.

    Raises
    ------
    InputError
        If a sequence has no step, if a number is infinite or beyond the range of float32, or if
        the longest sequence has too many numbers.

    Warns
    -----
    DataWarning
        For each finding.
    """
    names = list(channels) or [f"channel_{number}" for number in range(sequences.shape[2])]
    _check(sequences, source)
    n_steps = _n_steps(sequences)
    sequences = sequences[:, :n_steps]
    useless = _useless(sequences, names)
    found = [*findings, *useless]
    kept = [place for place, one in enumerate(names) if all(one not in f.columns for f in useless)]
    if not kept:
        raise InputError(
            f"No channel of {source} says anything ({useless[0].text}); add one to learn from."
        )
    names = [names[place] for place in kept]
    X = flat_table(sequences[:, :, kept], names, index=y.index)
    if isinstance(y, pd.DataFrame):
        y = y.iloc[:, :n_steps]
        found.append(by_step_finding(y, X, n_targets))
    grouped = any(more.get(key) is not None for key in ("groups", "times"))
    found += judge_sequences(X, y, task, grouped=grouped)
    for finding in found:
        warnings.warn(f"In {source}, {finding}", DataWarning, stacklevel=2)
    return Dataset(
        name=name,
        X=X,
        y=y,
        task=task,
        kind="sequence",
        source=source,
        channels=tuple(names),
        findings=tuple(found),
        duplicates_together=any(finding.kind == DUPLICATES for finding in found),
        **more,
    )


def _check(sequences: np.ndarray, source: str) -> None:
    present = ~np.isnan(sequences)
    empty = ~present.any(axis=(1, 2))
    if empty.any():
        raise InputError(
            f"Every sequence of {source} needs a step, but {_rows(empty)} none; remove what is empty."
        )
    beyond = present & (np.abs(sequences) > np.finfo(np.float32).max)
    if beyond.any():
        raise InputError(
            f"{source} holds numbers that are infinite or beyond the range of float32, where "
            f"{_rows(beyond.any(axis=(1, 2)))} such; correct them or leave them empty."
        )
    n_numbers = _n_steps(sequences) * sequences.shape[2]
    if n_numbers > MAX_COLUMNS:
        raise InputError(
            f"The longest sequence of {source} has {n_numbers:,} numbers, but {MAX_COLUMNS:,} can be "
            "learned from; cut it, or take the mean of some steps at a time."
        )


def _n_steps(sequences: np.ndarray) -> int:
    used = ~np.isnan(sequences).all(axis=(0, 2))
    return int(np.flatnonzero(used)[-1]) + 1


def _rows(marked: np.ndarray) -> str:
    numbers = (np.flatnonzero(marked) + 1).tolist()
    has = "has" if len(numbers) == 1 else "have"
    return f"{len(numbers)} of {len(marked)} (row {listed(numbers, limit=5)}) {has}"


def _useless(sequences: np.ndarray, names: Sequence[str]) -> list[Finding]:
    """Find channels that have no value anywhere, or the same one everywhere."""
    kinds: Mapping[str, list[str]] = {"no value": [], "the same value": []}
    for place, name in enumerate(names):
        values = sequences[:, :, place]
        values = values[~np.isnan(values)]
        if not values.size:
            kinds["no value"].append(name)
        elif (values == values[0]).all():
            kinds["the same value"].append(name)
    return [
        Finding(
            "constant channel",
            tuple(found),
            f"{listed(found)} {'has' if len(found) == 1 else 'have'} {what} in every step and "
            f"{'is' if len(found) == 1 else 'are'} left out",
            "nothing needs to be done, unless values should be there",
        )
        for what, found in kinds.items()
        if found
    ]
