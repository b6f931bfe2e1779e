"""From a file to a table: the formats, and what is said of a file that cannot be read."""

from __future__ import annotations

import gzip
import re
import warnings
import zlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow
import pyarrow.parquet

from pipelines.data.text_format import TextFormat, find_text_format
from pipelines.errors import InputError, listed
from pipelines.passwords import hide_password

__all__ = [
    "MAX_COLUMNS",
    "PARQUET_SUFFIXES",
    "SUFFIXES",
    "check_names",
    "column_names",
    "read_chunks",
    "read_table",
    "refuse_address",
    "suffix_of",
    "text_format",
]

SUFFIXES = (".csv", ".csv.gz", ".tsv", ".tsv.gz", ".parquet", ".pq")
MAX_COLUMNS = 100_000

PARQUET_SUFFIXES = (".parquet", ".pq")
_LONGEST_LINE = 50_000_000
_LEADING_ZERO = r"[+-]?0\d"
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")


def suffix_of(path: Path) -> str | None:
    """Return the ending that tells the format of a file, or None where none does.

    Examples
    --------
    >>> suffix_of(Path("people.CSV.gz"))
    '.csv.gz'
    """
    name = path.name.lower()
    return next((suffix for suffix in SUFFIXES if name.endswith(suffix)), None)


def refuse_address(name: str) -> None:
    """Refuse an address where the path of a file is wanted.

    Raises
    ------
    InputError
    """
    if _ADDRESS.match(name):
        raise InputError(
            f"{hide_password(name)} is an address, but a data set is read from a file: download it "
            "first and give the path of the file."
        )


def text_format(
    path: Path, *, encoding: str | None = None, separator: str | None = None
) -> TextFormat | None:
    """Find how a file of text is written, as far as it is not given; None is a Parquet file.

    Raises
    ------
    InputError
        If there is no such file, encoding or separator, or if something is given of a file that is
        no text.
    """
    suffix = _check_file(path)
    if suffix in PARQUET_SUFFIXES:
        if encoding is not None or separator is not None:
            raise InputError(
                f"encoding and separator are of text, but {path} is a Parquet file; leave them out."
            )
        return None
    with _readable(path, suffix):
        return find_text_format(path, suffix, encoding=encoding, separator=separator)


def read_table(
    path: Path, format: TextFormat | None = None, *, identifiers: Iterable[str | None] = ()
) -> pd.DataFrame:
    """Read a CSV, TSV or Parquet file.

    Parameters
    ----------
    path : Path
        The file; its ending tells whether it is text or Parquet. The first line of a text must name
        the columns.
    format : TextFormat, default=None
        How a text is written; None finds it, see :func:`text_format`.
    identifiers : iterable of str or None, default=()
        Columns that name things: numbers with leading zeros stay text there, for 007 is not 7.

    Returns
    -------
    DataFrame of shape (n_rows, n_columns)
        The table with the dtypes that pandas gives it, its index thrown away.

    Raises
    ------
    InputError
        If there is no such file, or if it is a folder, empty, not readable or not a table with
        a row and with a different name for each of at most 100,000 columns.
    """
    suffix = _check_file(path)
    format = format or text_format(path)
    with _readable(path, suffix, format):
        table = _read_parquet(path) if format is None else _read_text(path, format, identifiers)
    if table.empty:
        raise _no_rows(path)
    return table


def read_chunks(
    path: Path,
    n_rows: int,
    *,
    text: Collection[str] = (),
    columns: Sequence[str] | None = None,
    format: TextFormat | None = None,
) -> Iterator[pd.DataFrame]:
    """Read a CSV, TSV or Parquet file some rows at a time.

    Parameters
    ----------
    path : Path
    n_rows : int
        Rows of a chunk, at most.
    text : collection of str, default=()
        Columns that are taken as text, whatever stands in the rows of a chunk of CSV or TSV.
    columns : sequence of str, default=None
        The columns to read of those that the file has; None is all of them.
    format : TextFormat, default=None
        How a text is written; None finds it, see :func:`text_format`.

    Yields
    ------
    DataFrame
        With labels that count the rows of the file from 0.

    Raises
    ------
    InputError
        As `read_table`, when the chunk that is at fault is read.
    """
    suffix = _check_file(path)
    begin = 0
    format = format or text_format(path)
    with _readable(path, suffix, format):
        names = column_names(path, format)
        wanted = [name for name in names if columns is None or name in columns]
        if format is None:
            with pyarrow.parquet.ParquetFile(path) as file:
                for batch in file.iter_batches(batch_size=n_rows, columns=wanted):
                    if not batch.num_rows:
                        continue
                    chunk = batch.to_pandas()
                    chunk.index = pd.RangeIndex(begin, begin + batch.num_rows)
                    begin += batch.num_rows
                    yield chunk
        else:
            dtypes = {name: "str" for name in text if name in names}
            with pd.read_csv(
                path,
                **_written(format),
                index_col=False,
                dtype=dtypes,
                chunksize=n_rows,
                low_memory=False,
            ) as chunks:
                while (chunk := _next_chunk(chunks)) is not None and len(chunk):
                    begin += len(chunk)
                    yield chunk[wanted]
    if not begin:
        raise _no_rows(path)


def column_names(path: Path, format: TextFormat | None = None) -> list[str]:
    """Return the names of the columns of a file, each of which must have one of its own."""
    suffix = _check_file(path)
    format = format or text_format(path)
    with _readable(path, suffix, format):
        if format is None:
            names = pyarrow.parquet.read_schema(path).names
        else:
            _check_width(_first_line(path, format).count(format.separator) + 1, path)
            # pandas renames the second of two equal columns, so the names are looked at first.
            first = pd.read_csv(
                path,
                **_written(format),
                header=None,
                nrows=1,
                dtype=str,
                keep_default_na=False,
            ).iloc[0]
            names = [str(name) or f"Unnamed: {number}" for number, name in enumerate(first)]
        _check_width(len(names), path)
        check_names(names, path)
    return names


def _check_file(path: Path) -> str:
    suffix = suffix_of(path)
    if path.is_dir():
        raise InputError(f"{path} is a folder, not a table; give the path of one file in it.")
    if not path.exists():
        raise InputError(f"There is no file {path}; check the path, or the folder it starts from.")
    if suffix is None:
        raise InputError(
            f"The format of {path} cannot be told from its name; save it as one of "
            f"{', '.join(SUFFIXES)}."
        )
    return suffix


@contextmanager
def _readable(path: Path, suffix: str, format: TextFormat | None = None) -> Iterator[None]:
    """Turn what is wrong with a file into one sentence."""
    try:
        if path.stat().st_size == 0:
            raise pd.errors.EmptyDataError
        yield
    except pd.errors.EmptyDataError:
        raise InputError(
            f"{path} is empty; a table needs the names of its columns and rows below them."
        ) from None
    except UnicodeDecodeError as error:
        encoding = error.encoding if format is None else format.encoding
        raise InputError(
            f"{path} is not {encoding} text (byte {error.start} of what was read cannot be decoded); "
            "give its encoding, leave encoding out to have it found, or save it as UTF-8."
        ) from error
    except (pd.errors.ParserError, pd.errors.ParserWarning) as error:
        raise InputError(
            f"{path} cannot be parsed ({_reason(error)}); give every row as many fields as the "
            "first line names, and put quotes around separators inside a field."
        ) from error
    except (OSError, EOFError, zlib.error, ValueError, pyarrow.ArrowException) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            f"{path} cannot be read as {suffix} ({_reason(error)}); check the file and its ending."
        ) from error


def _read_text(path: Path, format: TextFormat, identifiers: Iterable[str | None]) -> pd.DataFrame:
    column_names(path, format)
    how: dict[str, Any] = {**_written(format), "index_col": False, "low_memory": False}
    with warnings.catch_warnings():
        # Without index_col=False a field too many in every row makes the first column an index.
        warnings.simplefilter("error", pd.errors.ParserWarning)
        table = pd.read_csv(path, **how)
        for name in identifiers:
            if name in table and pd.api.types.is_numeric_dtype(table[name]):
                text = pd.read_csv(path, **how, usecols=[name], dtype="str")[name]
                if text.str.match(_LEADING_ZERO).any():
                    table[name] = text
    return table


def _written(format: TextFormat) -> dict[str, Any]:
    """Arguments of ``read_csv``."""
    return {"encoding": format.encoding, "sep": format.separator, "decimal": format.decimal}


def _next_chunk(chunks: Iterator[pd.DataFrame]) -> pd.DataFrame | None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.ParserWarning)
        return next(chunks, None)


def _read_parquet(path: Path) -> pd.DataFrame:
    column_names(path)
    table = pd.read_parquet(path, engine="pyarrow").reset_index(drop=True)
    table.columns = table.columns.map(str)
    return table


def _first_line(path: Path, format: TextFormat) -> str:
    opened = gzip.open if path.name.lower().endswith(".gz") else open
    with opened(path, "rt", encoding=format.encoding, errors="replace") as file:
        return file.readline(_LONGEST_LINE)


def _check_width(n_columns: int, path: Path) -> None:
    if n_columns > MAX_COLUMNS:
        raise InputError(
            f"{path} names {n_columns:,} columns or more, but {MAX_COLUMNS:,} can be learned from; "
            "see that each row is a line of its own and the first one names the columns, or keep "
            "fewer of them."
        )


def _no_rows(path: Path) -> InputError:
    return InputError(f"{path} names columns but has no rows; a table needs some.")


def check_names(names: Iterable[str], source: Path | str) -> None:
    """Refuse columns of which two have the same name.

    Raises
    ------
    InputError
    """
    repeated = sorted(name for name, count in Counter(names).items() if count > 1)
    if repeated:
        raise InputError(
            f"Every column of {source} needs a name of its own, but {listed(repeated)} "
            "stands there more than once; rename or remove the others."
        )


def _reason(error: BaseException) -> str:
    """Return the first line of an error without the parser's preamble and full stop."""
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    first = text.splitlines()[0]
    return first.rpartition("C error: ")[2].rstrip(". ")
