"""Predictions for the rows of a file of any size."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow
import pyarrow.parquet

from pipelines.data.reading import (
    PARQUET_SUFFIXES,
    SUFFIXES,
    column_names,
    read_chunks,
    suffix_of,
)
from pipelines.data.sequence_input import SequenceInput, is_sequence_file, read_sequence_input
from pipelines.data.step_order import StepOrder
from pipelines.data.step_targets import real_steps
from pipelines.data.text_format import TextFormat, separator_of
from pipelines.errors import InputError, did_you_mean, listed
from pipelines.input_statistics import ColumnStatistics, Drift
from pipelines.intervals import half_width
from pipelines.output import check_output_file
from pipelines.plain_input import plain_input

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

__all__ = ["FilePrediction", "predict_file"]

_CELLS = 4_000_000
_FEWEST_ROWS, _MOST_ROWS = 1_000, 50_000


@dataclass(frozen=True)
class FilePrediction:
    """What became of a file.

    Attributes
    ----------
    n_rows : int
    drift : Drift or None
        How far the rows are from those trained on; None where the model has no statistics.
    has_intervals : bool
    """

    n_rows: int
    drift: Drift | None
    has_intervals: bool = False


def predict_file(
    pipeline: Pipeline,
    path: Path,
    output: Path,
    *,
    statistics: Mapping[str, ColumnStatistics] | None = None,
    keep: Sequence[str] = (),
    coverage: float | None = None,
    format: TextFormat | None = None,
    sequence_id: str | None = None,
    sequence_time: str | None = None,
) -> FilePrediction:
    """Predict the target of each row of a file, some thousands of rows at a time.

    Parameters
    ----------
    pipeline : sklearn.pipeline.Pipeline
        Fitted on a DataFrame.
    path : Path
        CSV, TSV or Parquet file with the columns of the rows trained on, in any order; others are
        not looked at. Sequences may also be a table in long format, ``.ts`` or NumPy's files, which
        are read as a whole.
    output : Path
        File of one of these formats, written anew, with a row for each of the input in its order:
        the columns to keep, "prediction" and, for classes, a column "probability_<class>" each. It
        is there when all of it is. Of sequences it has a row each, or a row for each step where the
        model answers in each.
    statistics : mapping of str to ColumnStatistics, default=None
        Of the rows trained on; they say what each column holds.
    keep : sequence of str, default=()
        Columns of the input that the output has as well, such as an identifier.
    coverage : float, default=None
        The share of such rows that an interval is to hold; the columns "lower" and "upper" are its
        ends. They are there for models that have intervals, see :mod:`pipelines.intervals`.
    format : TextFormat, default=None
        How an input of text is written; None finds it, see
        :func:`pipelines.data.reading.text_format`.
    sequence_id, sequence_time : str, default=None
        Of a table in long format the columns that tell sequences apart and order their steps; where
        the latter is not named it is that of training, by the ``statistics``. The
        output has the identifier first. Where each step has an answer, they are in the order of the
        file, with the time of each; steps at the end of a sequence without a value have none.

    Returns
    -------
    FilePrediction

    Raises
    ------
    InputError
        If a file cannot be read or written, if a column is missing, or if a value cannot be what
        the column held in training.

    Warns
    -----
    DataWarning
        Of values that are no dates in columns that had such in training.
    """
    check_output_file(output, SUFFIXES)
    if output.exists() and path.exists() and output.samefile(path):
        raise InputError(f"The predictions would replace {path} itself; give another output.")
    features = [str(name) for name in pipeline.feature_names_in_]
    keep = [*dict.fromkeys(keep)]
    width = None if coverage is None else half_width(pipeline, coverage)
    if is_sequence_file(path, sequence_id):
        order = _step_order(statistics or {}, sequence_time)
        read = _sequences(pipeline, path, features, keep, sequence_id, order, format)
        first = [name for name in (sequence_id, order and order.column) if name is not None]
        return _predict_whole(
            pipeline, read, path, output, statistics, [*dict.fromkeys([*first, *keep])], width
        )
    names = column_names(path, format)
    if _n_channels(pipeline) is not None and not set(features) <= set(names):
        raise InputError(
            f"The model was trained on sequences, but {path} is a table in which nothing says to which "
            "sequence a row belongs; name that column in sequence_id, and the one that orders the steps "
            "in sequence_time."
        )
    _check_columns(features, keep, names, path)
    kinds = {name: one.kind for name, one in (statistics or {}).items()}
    # What is kept is written as it was read: an identifier 007 is no number.
    text = [name for name in features if kinds.get(name) == "category"]
    text += [name for name in keep if name not in features]
    n_rows = int(np.clip(_CELLS / len(names), _FEWEST_ROWS, _MOST_ROWS))
    drift = None if statistics is None else Drift(statistics)
    n_done = 0
    with _Writer(output) as writer:
        for chunk in read_chunks(
            path, n_rows, text=text, columns=[*features, *keep], format=format
        ):
            X = plain_input(chunk[features], statistics or {}, str(path))
            if drift is not None:
                drift.add(X)
            kept = chunk[list(keep)].reset_index(drop=True)
            writer.write(_beside(kept, _predict(pipeline, X, width), path))
            n_done += len(X)
    return FilePrediction(n_done, drift, width is not None)


def _sequences(
    pipeline: Pipeline,
    path: Path,
    features: Sequence[str],
    keep: Sequence[str],
    sequence_id: str | None,
    step_order: StepOrder | None,
    format: TextFormat | None,
) -> SequenceInput:
    n_channels = _n_channels(pipeline)
    if n_channels is None:
        raise InputError(
            f"{path} holds sequences, but the model was trained on single rows; give it a table."
        )
    if keep and not (_answers_by_step(pipeline) and sequence_id is not None):
        raise InputError(
            f"Sequences of {path} have no columns to keep but their identifier, which the "
            "predictions have anyway; leave keep out."
        )
    read = read_sequence_input(
        path,
        features,
        n_channels,
        sequence_id=sequence_id,
        step_order=step_order,
        format=format,
    )
    _check_columns([], keep, [*read.steps], path)
    return read


def _step_order(
    statistics: Mapping[str, ColumnStatistics], sequence_time: str | None
) -> StepOrder | None:
    """What orders the steps: the column that is named, else that of training, as it was read there."""
    known = {name: one.format for name, one in statistics.items() if one.kind == "order"}
    column = sequence_time or next(iter(known), None)
    return None if column is None else StepOrder(column, known.get(column))


def _n_channels(pipeline: Pipeline) -> int | None:
    """Channels of the sequences that a pipeline was trained on; None if it was on single rows."""
    return pipeline.get_params().get("preprocessing__numeric__scaling__n_channels")


def _answers_by_step(pipeline: Pipeline) -> bool:
    """Whether a fitted pipeline answers in each step of a sequence."""
    return bool(getattr(pipeline[-1], "return_sequences", False))


def _predict_whole(
    pipeline: Pipeline,
    read: SequenceInput,
    path: Path,
    output: Path,
    statistics: Mapping[str, ColumnStatistics] | None,
    first: Sequence[str],
    width: float | None,
) -> FilePrediction:
    X = read.X
    drift = None if statistics is None else Drift(statistics)
    if drift is not None:
        drift.add(X)
    if _answers_by_step(pipeline):
        predicted = _predict_steps(pipeline, read, first, path)
    else:
        predicted = _predict(pipeline, X, width)
        if X.index.name is not None:
            predicted = _beside(X.index.to_frame(index=False), predicted, path)
    with _Writer(output) as writer:
        writer.write(predicted)
    return FilePrediction(len(predicted), drift, "lower" in predicted)


def _predict_steps(
    pipeline: Pipeline, read: SequenceInput, first: Sequence[str], path: Path
) -> pd.DataFrame:
    """Predictions of the steps of a file, after its columns that are given, or all."""
    n_steps = pipeline[-1].n_steps_
    where = tuple(read.places.T)
    has_answer = real_steps(read.X, n_steps)[where]
    answers = pd.Series(np.asarray(pipeline.predict(read.X))[where])
    if not has_answer.all():
        answers = answers.astype(object).where(has_answer, None)
    columns = {"prediction": answers}
    if hasattr(pipeline, "predict_proba"):
        columns |= _probability_columns(pipeline, pipeline.predict_proba(read.X)[where])
    own = read.steps[[*first] or [*read.steps]].reset_index(drop=True)
    return _beside(own, pd.DataFrame(columns), path)


def _beside(kept: pd.DataFrame, predicted: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Columns of the input and the predictions, of which none may have the other's name."""
    both = [name for name in kept if name in predicted]
    if both:
        raise InputError(
            f"The predictions have a column {both[0]!r} of their own beside that of {path}; rename it "
            "there, or keep another column."
        )
    return pd.concat([kept, predicted], axis="columns")


def _check_columns(
    features: Sequence[str], keep: Sequence[str], names: Sequence[str], path: Path
) -> None:
    missing = [name for name in features if name not in names]
    if missing:
        raise InputError(
            f"{path} has no column{'s' * (len(missing) > 1)} {listed(missing)}"
            f"{did_you_mean(missing[0], names)}, which the model was trained with; its columns are "
            f"{listed(names)}."
        )
    unknown = [name for name in keep if name not in names]
    if unknown:
        raise InputError(
            f"{path} has no column {unknown[0]!r} to keep{did_you_mean(unknown[0], names)}; its "
            f"columns are {listed(names)}."
        )


def _predict(pipeline: Pipeline, X: pd.DataFrame, width: float | None) -> pd.DataFrame:
    predicted = np.asarray(pipeline.predict(X))
    if predicted.ndim > 1:
        columns = {f"prediction_{n}": values for n, values in enumerate(predicted.T)}
    else:
        columns = {"prediction": predicted}
    if width is not None:
        columns |= {"lower": predicted - width, "upper": predicted + width}
    if hasattr(pipeline, "predict_proba"):
        columns |= _probability_columns(pipeline, pipeline.predict_proba(X))
    return pd.DataFrame(columns)


def _probability_columns(pipeline: Pipeline, probabilities: np.ndarray) -> dict[str, np.ndarray]:
    return {
        f"probability_{label}": values
        for label, values in zip(pipeline.classes_, probabilities.T, strict=True)
    }


class _Writer:
    """Writes tables one below the other, into a file that appears when it is whole."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._suffix = suffix_of(path) or ""
        self._partial = path.with_name(f".{os.getpid()}.{path.name}")
        self._file: Any = None
        self._open = ExitStack()

    def __enter__(self) -> _Writer:
        self.path.absolute().parent.mkdir(parents=True, exist_ok=True)
        return self

    def write(self, table: pd.DataFrame) -> None:
        if self._suffix in PARQUET_SUFFIXES:
            content = pyarrow.Table.from_pandas(table, preserve_index=False)
            if self._file is None:
                writer = pyarrow.parquet.ParquetWriter(self._partial, content.schema)
                self._file = self._open.enter_context(writer)
            self._file.write_table(content.cast(self._file.schema))
        else:
            first = self._file is None
            table.to_csv(
                self._partial,
                mode="w" if first else "a",
                header=first,
                index=False,
                sep=separator_of(self._suffix),
                compression="gzip" if self._suffix.endswith(".gz") else None,
            )
            self._file = self._partial

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._open.close()
        if kind is None:
            self._partial.replace(self.path)
        else:
            with suppress(FileNotFoundError):
                self._partial.unlink()
