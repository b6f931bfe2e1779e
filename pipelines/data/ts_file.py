"""Files that end in ``.ts``, in which archives of time series keep sequences with a label."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from pipelines.data.dataset import Dataset
from pipelines.data.sequences import make_sequences, pad
from pipelines.data.task import settle_task
from pipelines.errors import InputError

__all__ = ["TimeSeries", "join_parts", "load_ts_file", "parse_ts", "read_ts_text"]

_TRAIN, _TEST = "_TRAIN.ts", "_TEST.ts"
_MISSING = "?"


class TimeSeries(NamedTuple):
    """What a file holds.

    Attributes
    ----------
    sequences : list of ndarray of shape (n_steps, n_channels)
    y : Series of length n_rows
        Text of the labels, which is empty where there are none, or float64 of the targets.
    """

    sequences: list[np.ndarray]
    y: pd.Series


@dataclass
class _Header:
    name: str = "target"
    is_regression: bool = False
    has_target: bool = False
    has_times: bool = False


def parse_ts(text: str, source: str, *, needs_target: bool = True) -> TimeSeries:
    r"""Read the text of a ``.ts`` file.

    Lines that begin with # are comments and those with @ the header, up to ``@data``; each line
    after it is a sequence: its channels, separated by colons, and last its label or target. The
    values of a channel are separated by commas, and ? is a missing one.

    Parameters
    ----------
    text : str
    source : str
        What messages call the file.
    needs_target : bool, default=True
        Whether a file without labels is refused.

    Returns
    -------
    TimeSeries
        A channel shorter than another one of the same sequence lacks its last values.

    Raises
    ------
    InputError
        With the line that is at fault.

    References
    ----------
    .. [1] M. Middlehurst et al., "aeon: a Python Toolkit for Learning from Time Series", JMLR
       25(289), 2024. https://jmlr.org/papers/v25/23-1444.html

    Examples
    --------
    >>> parsed = parse_ts("@classLabel true a b\n@data\n1,2:3,4:a\n5:6:b", "some file")
    >>> parsed.sequences[0].tolist(), parsed.y.tolist()
    ([[1.0, 3.0], [2.0, 4.0]], ['a', 'b'])
    """
    lines = _numbered_lines(text)
    header = _read_header(lines, source, needs_target)
    sequences: list[np.ndarray] = []
    targets: list[str] = []
    for number, line in lines:
        *channels, target = line.split(":") if header.has_target else (*line.split(":"), "")
        sequence = _sequence(channels, number, source)
        if sequences and sequence.shape[1] != sequences[0].shape[1]:
            raise InputError(
                f"Line {number} of {source} has {sequence.shape[1]} channels, but the first sequence "
                f"has {sequences[0].shape[1]}; give every sequence the same ones."
            )
        sequences.append(sequence)
        targets.append(target.strip())
    if not sequences:
        raise InputError(f"{source} has no sequences below @data; a data set needs some.")
    if header.is_regression:
        y = pd.Series([_number(target, source) for target in targets], name=header.name)
    else:
        y = pd.Series(targets, name=header.name, dtype="str")
    return TimeSeries(sequences, y)


def load_ts_file(path: Path, *, task: str | None = None) -> Dataset:
    """Load a ``.ts`` file as a data set.

    Where the file is called ``..._TRAIN.ts`` and one called ``..._TEST.ts`` is beside it, the
    second is the official test set.

    Parameters
    ----------
    path : Path
    task : {"classification", "regression"}, default=None
        None is what the file says.

    Returns
    -------
    Dataset

    Raises
    ------
    InputError
        If a file cannot be read.
    """
    paths = [path]
    if path.name.endswith(_TRAIN):
        other = path.with_name(path.name.removesuffix(_TRAIN) + _TEST)
        paths += [other] if other.is_file() else []
    parts = [parse_ts(read_ts_text(one), str(one)) for one in paths]
    return join_parts(parts, name=path.stem.removesuffix("_TRAIN"), source=str(path), task=task)


def join_parts(
    parts: Sequence[TimeSeries], *, name: str, source: str, task: str | None = None
) -> Dataset:
    """Make a data set of the rows to learn from and, where there are such, those to test on."""
    widths = {part.sequences[0].shape[1] for part in parts}
    if len(widths) > 1:
        raise InputError(
            f"The sequences of {name} to learn from and to test on have different channels "
            f"({', '.join(map(str, sorted(widths)))}); see that the files belong together."
        )
    y, settled = settle_task(pd.concat([part.y for part in parts], ignore_index=True), task)
    n_train = len(parts[0].y)
    return make_sequences(
        pad([one for part in parts for one in part.sequences]),
        y,
        name=name,
        source=source,
        task=settled,
        test_rows=np.arange(n_train, len(y)) if len(parts) > 1 else None,
    )


def read_ts_text(path: Path) -> str:
    """Read the text of a file.

    Raises
    ------
    InputError
        If it cannot be read.
    """
    if not path.is_file():
        raise InputError(f"There is no file {path}; check the path, or the folder it starts from.")
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path} is not UTF-8 text (byte {error.start} cannot be decoded); save it as UTF-8."
        ) from error
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}); check the file.") from error


def _numbered_lines(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if stripped and not stripped.startswith("#"):
            yield number, stripped


def _read_header(lines: Iterator[tuple[int, str]], source: str, needs_target: bool) -> _Header:
    header = _Header()
    for number, line in lines:
        keyword, *values = line.split()
        match keyword.lower():
            case "@data":
                if needs_target and not header.has_target:
                    raise InputError(
                        f"{source} has sequences without a label (no @classLabel true or "
                        "@targetLabel true in its header), so there is nothing to predict."
                    )
                if header.has_times:
                    raise InputError(
                        f"{source} has a time for each value (@timeStamps true), which is not read; "
                        "write the values in their order and @timeStamps false."
                    )
                return header
            case "@timestamps":
                header.has_times = values[:1] == ["true"]
            case "@classlabel" | "@targetlabel":
                if values[:1] == ["true"]:
                    header.has_target = True
                    header.is_regression = keyword.lower() == "@targetlabel"
            case _ if not keyword.startswith("@"):
                raise InputError(
                    f"Line {number} of {source} is neither a comment (#) nor a header (@) nor below "
                    "@data; write @data above the sequences."
                )
    raise InputError(f"{source} has no line @data, below which the sequences stand; add it.")


def _sequence(channels: Sequence[str], number: int, source: str) -> np.ndarray:
    if not channels:
        raise InputError(
            f"Line {number} of {source} has no label: a colon and the label end each sequence."
        )
    values = []
    for channel in channels:
        try:
            values.append(
                np.array(
                    [np.nan if v.strip() == _MISSING else float(v) for v in channel.split(",")]
                )
            )
        except ValueError as error:
            raise InputError(
                f"Line {number} of {source} holds a value that is no number ({error}); write "
                "numbers with commas between, and ? for a missing one."
            ) from error
    return pad([one[:, None] for one in values])[:, :, 0].T


def _number(target: str, source: str) -> float:
    try:
        return float(target)
    except ValueError as error:
        raise InputError(
            f"{source} has the target {target!r}, which is no number, though its header says "
            "@targetLabel true; correct it, or write @classLabel true for labels."
        ) from error
