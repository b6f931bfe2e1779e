"""What orders the steps of sequences in a table with a row for each step."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from pipelines.data.columns import plain_column
from pipelines.data.dates import (
    date_format,
    format_words,
    is_ambiguous,
    parse_dates,
    swapped_format,
)
from pipelines.data.finding import Finding
from pipelines.data.roles import rows_text, times_of
from pipelines.errors import InputError

__all__ = ["StepOrder", "ambiguous_order", "rows_by_sequence"]


class StepOrder(NamedTuple):
    """The column that orders the steps.

    Attributes
    ----------
    column : str
    format : str or None
        Of its dates in training, see :func:`pipelines.data.dates.date_format`; None of numbers, and
        where it is yet to be found.
    """

    column: str
    format: str | None = None

    @classmethod
    def of(cls, column: pd.Series) -> StepOrder:
        """Find the format of a column of dates."""
        plain = plain_column(column)
        return cls(str(column.name), None if plain is None else date_format(plain))


def rows_by_sequence(
    table: pd.DataFrame, ids: pd.Series, order: StepOrder | None, path: Path
) -> list[np.ndarray]:
    """Find the rows of each sequence.

    Parameters
    ----------
    table : DataFrame of shape (n_rows, n_columns)
    ids : Series of length n_rows
        To which sequence a row belongs.
    order : StepOrder or None
        None is the order of the table.
    path : Path
        What messages call the table.

    Returns
    -------
    list of ndarray of int
        Positions of the rows of each sequence, in the order of its steps.

    Raises
    ------
    InputError
        If a step has no time, or two of a sequence have the same.
    """
    if order is None:
        return _split(ids, np.arange(len(table)))
    times = times_of(table[order.column], path, "sequence_time", order.format)
    repeated = pd.DataFrame({"id": ids.to_numpy(), "time": times.to_numpy()}).duplicated()
    if repeated.any():
        raise InputError(
            f"Every step of a sequence of {path} needs a time of its own, but {order.column!r} "
            f"repeats one in {rows_text(repeated)}; correct these or remove the rows."
        )
    return _split(ids, _sorted(times))


def ambiguous_order(column: pd.Series, ids: pd.Series, order: StepOrder) -> list[Finding]:
    """Find out whether steps would have another order with days and months in each other's place.

    Parameters
    ----------
    column, ids : Series of length n_rows
        What orders the steps, and to which sequence each belongs.
    order : StepOrder
        Of the column.

    Returns
    -------
    list of Finding
        One, or none.
    """
    swapped = None if order.format is None else swapped_format(order.format)
    if order.format is None or swapped is None or not is_ambiguous(column, order.format):
        return []
    ways = [_split(ids, _sorted(parse_dates(column, each))) for each in (order.format, swapped)]
    if all(np.array_equal(one, other) for one, other in zip(*ways, strict=True)):
        return []
    return [
        Finding(
            "date",
            (order.column,),
            f"{order.column!r} orders steps by {format_words(order.format)}; days and months could "
            "change places, and steps then have another order",
            "write dates as year-month-day if days come first",
        )
    ]


def _sorted(times: pd.Series) -> np.ndarray:
    return times.reset_index(drop=True).sort_values(kind="stable").index.to_numpy()


def _split(ids: pd.Series, order: np.ndarray) -> list[np.ndarray]:
    codes, _ = pd.factorize(ids)
    by_sequence = order[np.argsort(codes[order], kind="stable")]
    ends = np.cumsum(np.bincount(codes))
    return np.split(by_sequence, ends[:-1])
