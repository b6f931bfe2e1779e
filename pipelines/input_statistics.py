"""The input that a model was trained on, in numbers, and how far other input is from it.

A column's shift is its population stability index: the sum, over its bins, of the difference of
the two shares times the logarithm of their ratio. With n and m rows of the same distribution it is
near ``(1 / n + 1 / m)`` times a chi-squared variable with a degree of freedom less than there are
bins [1]_, so that what chance gives can be told from what has changed.

References
----------
.. [1] B. Yurdakul, "Statistical Properties of Population Stability Index", dissertation, Western
   Michigan University, 2018.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from pipelines.data import Dataset
from pipelines.data.columns import category_text
from pipelines.data.dates import parse_dates
from pipelines.errors import listed_with
from pipelines.output import table_page

__all__ = ["ColumnStatistics", "Drift", "input_statistics", "read_statistics", "write_statistics"]

_QUANTILES = np.linspace(0, 1, 11)[1:-1]
_MOST_CATEGORIES = 5000
_LARGE_SHIFT = 0.25
_CERTAINTY = 0.999
_MOST_NAMED = 5

Kind = Literal["number", "category", "boolean", "date", "order"]


@dataclass(frozen=True)
class ColumnStatistics:
    """What a column of the rows trained on held.

    Attributes
    ----------
    kind : {"number", "category", "boolean", "date", "order"}
        Text of which all values are "True" or "False" is boolean too. "order" is no feature, but
        what orders the steps of sequences in a table with a row for each, and has a format alone.
    n_rows, n_missing : int
    edges : tuple of float
        Of numbers and dates (in seconds since 1970), the deciles; equal ones once.
    counts : mapping of str to int
        Rows of each category, or of each bin between the edges, numbered from 0: bin 1 begins with
        the first edge. Categories beyond the 5,000 commonest are left out.
    format : str or None
        Of dates, see :func:`pipelines.data.dates.date_format`.
    n_unread : int
        Of dates, the values that are none and count as missing.
    """

    kind: Kind
    n_rows: int
    n_missing: int
    edges: tuple[float, ...]
    counts: Mapping[str, int]
    format: str | None = None
    n_unread: int = 0

    def count(self, column: pd.Series) -> tuple[Counter[str], int]:
        """Count the values of a column by bin or category, and the missing ones."""
        if self.kind in ("number", "date"):
            values = _as_numbers(column, self.format)
            present = values[~np.isnan(values)]
            bins = np.searchsorted(self.edges, present, side="right")
            numbers, counts = np.unique(bins, return_counts=True)
            counted = {str(number): int(n) for number, n in zip(numbers, counts, strict=True)}
            return Counter(counted), len(values) - len(present)
        present = column.dropna().map(category_text)
        return Counter(present.value_counts().to_dict()), len(column) - len(present)


def input_statistics(dataset: Dataset) -> dict[str, ColumnStatistics]:
    """Compute the statistics of each feature of the rows to train on, and say what orders steps.

    Examples
    --------
    >>> from pipelines.data import load_dataset
    >>> statistics = input_statistics(load_dataset("iris"))
    >>> statistics["petal width (cm)"].edges[0], statistics["petal width (cm)"].n_rows
    (0.2, 150)
    """
    order = dataset.step_order
    ordering: dict[str, ColumnStatistics] = {}
    if order is not None:
        ordering[order.column] = ColumnStatistics("order", len(dataset.X), 0, (), {}, order.format)
    return ordering | {
        str(name): _of_column(column, dataset.dates.get(str(name)), str(name) in categories)
        for categories in [set(dataset.categorical_columns)]
        for name, column in dataset.X.items()
    }


def _of_column(column: pd.Series, format: str | None, is_category: bool) -> ColumnStatistics:
    edges: tuple[float, ...] = ()
    kind: Kind = "number" if format is None else "date"
    if is_category:
        values = set(column.dropna().map(category_text).unique())
        kind = "boolean" if values <= {"True", "False"} else "category"
    else:
        numbers = _as_numbers(column, format)
        numbers = numbers[~np.isnan(numbers)]
        if len(numbers):
            edges = tuple(np.unique(np.quantile(numbers, _QUANTILES)).tolist())
    empty = ColumnStatistics(kind, len(column), 0, edges, {}, format)
    counts, n_missing = empty.count(column)
    common = dict(counts.most_common(_MOST_CATEGORIES))
    n_unread = 0 if format is None else n_missing - int(column.isna().sum())
    return ColumnStatistics(kind, len(column), n_missing, edges, common, format, n_unread)


def write_statistics(statistics: Mapping[str, ColumnStatistics]) -> dict[str, Any]:
    """Return statistics as values of JSON."""
    return {name: asdict(one) for name, one in statistics.items()}


def read_statistics(content: Mapping[str, Any]) -> dict[str, ColumnStatistics]:
    """Make statistics of what `write_statistics` returned."""
    return {
        name: ColumnStatistics(**{**one, "edges": tuple(one["edges"])})
        for name, one in content.items()
    }


class Drift:
    """How far some input is from what was trained on; it takes the input in parts.

    Parameters
    ----------
    statistics : mapping of str to ColumnStatistics
        Of the rows trained on.
    """

    def __init__(self, statistics: Mapping[str, ColumnStatistics]) -> None:
        self.statistics = {name: one for name, one in statistics.items() if one.kind != "order"}
        self.n_rows = 0
        self._counts: dict[str, Counter[str]] = {name: Counter() for name in self.statistics}
        self._missing = dict.fromkeys(self.statistics, 0)

    def add(self, X: pd.DataFrame) -> None:
        """Count some rows, of the columns trained on."""
        self.n_rows += len(X)
        for name, statistics in self.statistics.items():
            counts, n_missing = statistics.count(X[name])
            self._missing[name] += n_missing
            known = {key: n for key, n in counts.items() if key in statistics.counts}
            unseen = {key: n for key, n in counts.items() if key not in statistics.counts}
            self._counts[name].update(known)
            if statistics.kind in ("number", "date"):
                self._counts[name].update(unseen)
            else:  # never more than so many, however many the file has
                for key, n in unseen.items():
                    if key in self._counts[name] or len(self._counts[name]) < 2 * _MOST_CATEGORIES:
                        self._counts[name][key] += n

    def table(self) -> pd.DataFrame:
        """Compare each column.

        Returns
        -------
        DataFrame of shape (n_columns, 7)
            Columns "column", "kind", "shift" (the population stability index), "has shifted",
            "missing before" and "missing now" (shares), "unseen categories" and "unseen rows"
            (numbers of them). Those that have shifted most come first.
        """
        rows = [self._row(name) for name in self.statistics]
        table = pd.DataFrame(rows, columns=_TABLE)
        return table.sort_values("shift", ascending=False, kind="stable", ignore_index=True)

    def _row(self, name: str) -> tuple[Any, ...]:
        from scipy.stats import chi2

        statistics, now = self.statistics[name], self._counts[name]
        before = dict(statistics.counts)
        unseen = {} if statistics.edges else {key: n for key, n in now.items() if key not in before}
        bins = [*dict.fromkeys([*before, *now])]
        if statistics.kind == "category":  # rare ones are compared as one
            bins = [key for key in bins if before.get(key, 0) >= statistics.n_rows / 50]
        old = [before.get(key, 0) for key in bins]
        new = [now.get(key, 0) for key in bins]
        n_missing = self._missing[name]
        old += [statistics.n_missing, statistics.n_rows - statistics.n_missing - sum(old)]
        new += [n_missing, self.n_rows - n_missing - sum(new)]
        used = [pair for pair in zip(old, new, strict=True) if any(pair)]
        shift = _stability_index(np.array(used, dtype=float).reshape(-1, 2).T)
        by_chance = 0.0
        if len(used) > 1 and self.n_rows:
            quantile = float(chi2.ppf(_CERTAINTY, len(used) - 1))
            by_chance = quantile * (1 / self.n_rows + 1 / statistics.n_rows)
        return (
            name,
            statistics.kind,
            shift,
            shift > max(_LARGE_SHIFT, by_chance),
            statistics.n_missing / statistics.n_rows,
            n_missing / max(1, self.n_rows),
            len(unseen),
            sum(unseen.values()),
        )

    def sentence(self) -> str:
        """Say in one line what has changed; an empty text where nothing has."""
        table = self.table()
        parts = []
        shifted = table[table["has shifted"]]
        if len(shifted):
            pairs = zip(shifted["column"], shifted["shift"], strict=True)
            named = listed_with(((name, f"{shift:.2f}") for name, shift in pairs), _MOST_NAMED)
            parts.append(
                f"the distribution has shifted (population stability index above {_LARGE_SHIFT}) in "
                f"{named}"
            )
        unseen = table[table["unseen rows"] > 0]
        if len(unseen):
            counts = unseen[["column", "unseen categories", "unseen rows"]]
            remarks = [
                (name, f"{n:,} in {n_rows:,} of {self.n_rows:,} rows")
                for name, n, n_rows in counts.itertuples(index=False)
            ]
            parts.append(
                f"there are categories never trained on in {listed_with(remarks, _MOST_NAMED)}"
            )
        if not parts:
            return ""
        before = max(one.n_rows for one in self.statistics.values())
        return f"Against the {before:,} rows trained on, {' and '.join(parts)}."

    def write(self, path: Path) -> None:
        """Write the table to a file, as a page where its name ends in .html, else as CSV."""
        table = self.table()
        if path.suffix.lower() == ".html":
            rows = table.to_html(index=False, border=0, float_format="{:.3f}".format)
            text = table_page("Drift of the input", self.sentence() or _NOTHING, rows)
        else:
            text = table.to_csv(index=False)
        path.write_text(text, encoding="utf-8")


_NOTHING = "Nothing has changed that chance would not change."
_TABLE = [
    *("column", "kind", "shift", "has shifted", "missing before", "missing now"),
    *("unseen categories", "unseen rows"),
]


def _stability_index(counts: np.ndarray) -> float:
    """The index of two rows of counts; half a row is added to each, so that none is empty."""
    shares = (counts + 0.5) / (counts + 0.5).sum(axis=1, keepdims=True)
    before, now = shares
    return float(((now - before) * np.log(now / before)).sum())


def _as_numbers(column: pd.Series, format: str | None) -> np.ndarray:
    if format is not None:
        column = (parse_dates(column, format) - pd.Timestamp(0)).dt.total_seconds()
    return column.to_numpy("float64", na_value=np.nan)
