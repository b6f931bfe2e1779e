"""From a file to a table: the formats, and what is said of a file that cannot be read."""

from __future__ import annotations

import warnings
import zlib
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pyarrow
import pyarrow.parquet

from pipelines.errors import InputError, listed

__all__ = ["SUFFIXES", "read_table", "suffix_of"]

SUFFIXES = (".csv", ".csv.gz", ".tsv", ".tsv.gz", ".parquet", ".pq")


def suffix_of(path: Path) -> str | None:
    """Return the ending that tells the format of a file, or None where none does.

    Examples
    --------
    >>> suffix_of(Path("people.CSV.gz"))
    '.csv.gz'
    """
    name = path.name.lower()
    return next((suffix for suffix in SUFFIXES if name.endswith(suffix)), None)


def read_table(path: Path) -> pd.DataFrame:
    """Read a CSV, TSV or Parquet file.

    Parameters
    ----------
    path : Path
        The file; its ending tells the format. Text is read as UTF-8, and the first line of it
        must name the columns.

    Returns
    -------
    DataFrame of shape (n_rows, n_columns)
        The table with the dtypes that pandas gives it, its index thrown away.

    Raises
    ------
    InputError
        If there is no such file, or if it is a folder, empty, not readable or not a table with
        a row and with a different name for each column.
    """
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
    try:
        if path.stat().st_size == 0:
            raise pd.errors.EmptyDataError
        table = _read_parquet(path) if suffix in (".parquet", ".pq") else _read_text(path, suffix)
    except pd.errors.EmptyDataError:
        raise InputError(
            f"{path} is empty; a table needs the names of its columns and rows below them."
        ) from None
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path} is not UTF-8 text (byte {error.start} of what was read cannot be decoded); "
            "save it as UTF-8."
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
    if table.empty:
        raise InputError(f"{path} names columns but has no rows; a table needs some.")
    return table


def _read_text(path: Path, suffix: str) -> pd.DataFrame:
    separator = "\t" if suffix.startswith(".tsv") else ","
    # pandas renames the second of two equal columns, so the names are looked at first.
    first = pd.read_csv(
        path, sep=separator, header=None, nrows=1, dtype=str, keep_default_na=False
    ).iloc[0]
    _check_names([str(name) for name in first if name], path)
    with warnings.catch_warnings():
        # Without index_col=False a field too many in every row makes the first column an index.
        warnings.simplefilter("error", pd.errors.ParserWarning)
        return pd.read_csv(path, sep=separator, index_col=False, low_memory=False)


def _read_parquet(path: Path) -> pd.DataFrame:
    _check_names(pyarrow.parquet.read_schema(path).names, path)
    table = pd.read_parquet(path, engine="pyarrow").reset_index(drop=True)
    table.columns = table.columns.map(str)
    return table


def _check_names(names: Sequence[str], path: Path) -> None:
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise InputError(
            f"Every column of {path} needs a name of its own, but {listed(repeated)} "
            "stands there more than once; rename or remove the others."
        )


def _reason(error: BaseException) -> str:
    """Return the first line of an error without the parser's preamble and full stop."""
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    first = text.splitlines()[0]
    return first.rpartition("C error: ")[2].rstrip(". ")
