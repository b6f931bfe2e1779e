"""Sequences to predict, as the table that a model was trained on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from pipelines.data.long_table import long_sequences
from pipelines.data.numpy_file import read_numpy_sequences
from pipelines.data.reading import read_table
from pipelines.data.sequences import SEQUENCE_SUFFIXES, flat_table, pad, step_columns
from pipelines.data.step_order import StepOrder
from pipelines.data.step_targets import real_steps
from pipelines.data.text_format import TextFormat
from pipelines.data.ts_file import parse_ts, read_ts_text
from pipelines.errors import InputError, listed

__all__ = ["SequenceInput", "is_sequence_file", "read_sequence_input"]


class SequenceInput(NamedTuple):
    """The sequences of a file.

    Attributes
    ----------
    X : DataFrame of shape (n_rows, n_columns)
        Shorter sequences are filled up with nan. The labels of the rows are the identifiers of a
        table in long format, else numbers from 0 on.
    steps : DataFrame of shape (n_steps_of_all, n_columns)
        A row for each step, in the order of the file: all columns of a table in long format, else
        the numbers of "sequence" and "step".
    places : ndarray of shape (n_steps_of_all, 2) of int
        Which sequence each of these belongs to, and which of its steps it is.
    """

    X: pd.DataFrame
    steps: pd.DataFrame
    places: np.ndarray


def is_sequence_file(path: Path, sequence_id: str | None) -> bool:
    """Whether a file holds sequences, rather than a row for each of them."""
    return sequence_id is not None or path.suffix.lower() in SEQUENCE_SUFFIXES


def read_sequence_input(
    path: Path,
    columns: Sequence[str],
    n_channels: int,
    *,
    sequence_id: str | None = None,
    step_order: StepOrder | None = None,
    format: TextFormat | None = None,
) -> SequenceInput:
    """Read the sequences of a file.

    Parameters
    ----------
    path : Path
        ``.ts``, ``.npz`` or ``.npy``, or a table in long format.
    columns : sequence of str
        Of the table that a model was trained on: all channels of a step side by side.
    n_channels : int
    sequence_id : str, default=None
    step_order : StepOrder, default=None
        Of a table in long format, as in training.
    format : TextFormat, default=None
        How such a table of text is written; None finds it.

    Returns
    -------
    SequenceInput

    Raises
    ------
    InputError
        If the file cannot be read, or if its sequences are longer than those trained on, or have
        other channels.
    """
    channels = [name.rpartition("_")[0] for name in columns[:n_channels]]
    labels = table = None
    if sequence_id is not None:
        table = read_table(path, format, identifiers=[sequence_id])
        sequences, ids, rows = long_sequences(
            table, channels, sequence_id=sequence_id, step_order=step_order, path=path
        )
        labels = pd.Index(ids, name=sequence_id)
    elif path.suffix.lower() == ".ts":
        sequences = pad(parse_ts(read_ts_text(path), str(path), needs_target=False).sequences)
    else:
        sequences = read_numpy_sequences(path)
    n_steps = len(columns) // n_channels
    if sequences.shape[1] > n_steps or sequences.shape[2] != n_channels:
        raise InputError(
            f"{path} has sequences of up to {sequences.shape[1]} steps of {sequences.shape[2]} "
            f"channels, but the model was trained with at most {n_steps} steps of {n_channels} "
            f"({listed(channels, limit=5)}); cut them, and give the same channels."
        )
    room = [(0, 0), (0, n_steps - sequences.shape[1]), (0, 0)]
    padded = np.pad(sequences, room, constant_values=np.nan)
    assert step_columns(channels, n_steps) == list(columns)
    X = flat_table(padded, channels, index=labels)
    if table is None:
        places = np.argwhere(real_steps(X, n_steps))
        return SequenceInput(X, pd.DataFrame(places, columns=["sequence", "step"]), places)
    places = np.empty((len(table), 2), dtype=int)
    for number, own in enumerate(rows):
        places[own] = np.column_stack([np.full(len(own), number), np.arange(len(own))])
    return SequenceInput(X, table, places)
