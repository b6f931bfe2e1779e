"""Features as the network sees them: categories as codes beside the numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd
from scipy.sparse import issparse
from sklearn.base import BaseEstimator

from estimators.frame import pandas_frame

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["FeatureEncoder", "FeatureSchema", "no_numbers"]


@dataclass(frozen=True)
class FeatureSchema:
    """What the columns of a network's input are.

    Attributes
    ----------
    numbers : tuple of int
        Columns that hold numbers.
    embedded : tuple of int
        Those of them that are embedded as well, having more than two distinct values.
    categories : tuple of int
        Columns that hold codes: 1 to the number of levels, 0 for a missing or unseen one.
    n_levels : tuple of int
        Of each category.
    """

    numbers: tuple[int, ...]
    embedded: tuple[int, ...] = ()
    categories: tuple[int, ...] = ()
    n_levels: tuple[int, ...] = ()


class FeatureEncoder(BaseEstimator):
    """Encode the categories among the columns of an input.

    Parameters
    ----------
    categorical_features : "from_dtype", None or array-like, default="from_dtype"
        Which columns are categories: those of a DataFrame with the dtype "category" (of polars
        Categorical and Enum, of Arrow a dictionary), none, or those of some names, indices or of a
        mask.

    Attributes
    ----------
    categories_ : dict of int to ndarray
        The levels of each category, by the column's position. The order of a "category" dtype is
        kept, with the levels that no row has, so that the folds of a table have the same.
    codes_ : dict of int to ndarray of int
        The code of each level, from 1 on; 0 for one that no row had.
    n_features_ : int
        Number of columns.
    embedded_ : list of int
        Positions of the numbers that are embedded.
    scale_of_numbers_ : dict of int to pair of float
        Mean and standard deviation of each column of numbers, by its position, in some of the rows.
    """

    def __init__(self, categorical_features: Any = "from_dtype"):
        self.categorical_features = categorical_features

    def fit(self, X: Any) -> Self:
        """Learn the levels of each category from an input as it came."""
        self.categories_: dict[int, NDArray[Any]] = {}
        self.codes_: dict[int, NDArray[Any]] = {}
        table = _table(X)
        for position in self._positions(table):
            levels, is_seen = _levels(_column(table, position))
            self.categories_[position] = levels
            self.codes_[position] = np.where(is_seen, np.arange(1, len(levels) + 1), 0)
        return self

    def transform(self, X: Any) -> Any:
        """Put codes in place of categories.

        Parameters
        ----------
        X : array-like of shape (n_rows, n_features)
            What is no table of so many columns is returned as it is.

        Returns
        -------
        array-like of shape (n_rows, n_features)
            A DataFrame stays one; without categories ``X`` itself.
        """
        table = _table(X)
        if table is None or not self.categories_ or max(self.categories_) >= table.shape[1]:
            return X
        codes = {position: self._coded(table, position) for position in self.categories_}
        if isinstance(table, pd.DataFrame):
            encoded = table.copy(deep=False)
            for position, values in codes.items():
                encoded.isetitem(position, values)
            return encoded
        kind = np.result_type(table, np.float64) if table.dtype.kind in "biuf" else object
        array = table.astype(kind)
        for position, values in codes.items():
            array[:, position] = values
        return array

    def describe(self, X: NDArray[Any], *, embeds_numbers: bool) -> FeatureSchema | None:
        """Learn what the numbers are, and say what the network needs to know of its input.

        Parameters
        ----------
        X : ndarray of shape (n_rows, n_features)
            Checked and encoded.
        embeds_numbers : bool
            Whether the network embeds numbers.

        Returns
        -------
        FeatureSchema or None
        """
        self.n_features_ = X.shape[1]
        several = _has_several_values(X) if embeds_numbers else np.zeros(X.shape[1], bool)
        self.embedded_ = [column for column in self._numbers if several[column]]
        if not self._numbers and not any(map(len, self.categories_.values())):
            raise ValueError(
                "X holds categories without any level: give it a column that is not empty."
            )
        return self.schema_

    def measure(self, numbers: NDArray[Any]) -> None:
        """Learn the scale of the columns that :meth:`numbers` returned, for some rows."""
        means, deviations = numbers.mean(axis=0, dtype=float), numbers.std(axis=0, dtype=float)
        scales = zip(means.tolist(), deviations.tolist(), strict=True)
        self.scale_of_numbers_ = dict(zip(self._numbers, scales, strict=True))

    @property
    def schema_(self) -> FeatureSchema | None:
        """What the network needs to know of its input; None where all of it is plain numbers."""
        if not self.categories_ and not self.embedded_:
            return None
        return FeatureSchema(
            tuple(self._numbers),
            tuple(self.embedded_),
            tuple(self.categories_),
            tuple(len(levels) for levels in self.categories_.values()),
        )

    def numbers(self, X: NDArray[Any]) -> NDArray[Any]:
        """Return the columns of an encoded input that are numbers."""
        if not self.categories_:
            return X
        rest: NDArray[Any] = np.delete(X, list(self.categories_), axis=1)
        return rest

    @property
    def _numbers(self) -> list[int]:
        return [column for column in range(self.n_features_) if column not in self.categories_]

    def _coded(self, table: Any, position: int) -> NDArray[Any]:
        column = _column(table, position)
        codes = np.append(self.codes_[position], 0)  # the last one for a level that is not found
        index = pd.Index(self.categories_[position])
        if isinstance(column.dtype, pd.CategoricalDtype):
            found = np.append(index.get_indexer(column.cat.categories), -1)
            return np.asarray(codes[found[column.cat.codes]])
        return np.asarray(codes[index.get_indexer(pd.Index(column))])

    def _positions(self, table: Any) -> Sequence[int]:
        """Positions of the categories, in order."""
        wanted = self.categorical_features
        if wanted is None or table is None:
            return []
        is_frame = isinstance(table, pd.DataFrame)
        if isinstance(wanted, str):  # "from_dtype"
            kinds = enumerate(table.dtypes) if is_frame else ()
            return [place for place, kind in kinds if isinstance(kind, pd.CategoricalDtype)]
        wanted = np.asarray(wanted)
        n_features = table.shape[1]
        if wanted.dtype.kind == "b":
            if len(wanted) != n_features:
                raise ValueError(
                    f"categorical_features as a mask must have one bool a column of X, {n_features}"
                    f". Got {len(wanted)}."
                )
            return np.flatnonzero(wanted).tolist()
        if wanted.dtype.kind in "OU" and len(wanted):
            return self._of_names(wanted, table.columns if is_frame else None)
        positions = sorted({int(position) for position in wanted})
        wrong = [position for position in positions if not 0 <= position < n_features]
        if wrong:
            raise ValueError(
                f"categorical_features as indices must be between 0 and {n_features - 1}, the "
                f"last column of X. Got {wrong[0]}."
            )
        return positions

    @staticmethod
    def _of_names(wanted: NDArray[Any], columns: Iterable[Any] | None) -> Sequence[int]:
        if columns is None:
            raise ValueError(
                f"categorical_features={wanted.tolist()} are names, but X has none: pass a DataFrame, "
                "or indices."
            )
        known = list(columns)
        missing = [name for name in wanted.tolist() if name not in known]
        if missing:
            raise ValueError(
                f"categorical_features must be names of columns of X, {known}. Got {missing[0]!r}."
            )
        return [place for place, name in enumerate(known) if name in wanted]


def no_numbers(X: ArrayLike) -> tuple[Any, Any] | None:
    """Find text that is no number, or a date, in an encoded input.

    Returns
    -------
    tuple of a name, or a number, and a value, or None
        The first such column and what it holds.

    Examples
    --------
    >>> no_numbers(pd.DataFrame({"size": [1.5, 2.0], "color": ["1", "red"]}))
    ('color', 'red')
    """
    table = _table(X)
    if table is None:
        return None
    names = table.columns if isinstance(table, pd.DataFrame) else range(table.shape[1])
    for position, name in enumerate(names):
        column = _column(table, position)
        if pd.api.types.is_numeric_dtype(column.dtype):
            continue
        present = column.dropna()
        for value in present[pd.to_numeric(present.astype(object), errors="coerce").isna()]:
            if isinstance(value, str | date):
                return name, value
    return None


def _table(X: ArrayLike) -> Any:
    """A DataFrame of pandas, anything else as an array; None where that has no columns."""
    if isinstance(X, pd.DataFrame):
        return X
    if issparse(X):
        return None
    if (frame := pandas_frame(X)) is not None:
        return frame
    try:  # lists mix kinds, which an array of numbers or of texts would make one
        table = np.asarray(X) if hasattr(X, "__array__") else np.asarray(X, dtype=object)
    except ValueError:
        return None
    return table if table.ndim == 2 else None


def _column(table: Any, position: int) -> pd.Series[Any]:
    if isinstance(table, pd.DataFrame):
        return table.iloc[:, position]
    return pd.Series(table[:, position])


def _levels(column: pd.Series[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Levels of a category, and of each whether any row has it."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        levels = np.asarray(column.cat.categories)
        counts = np.bincount(column.cat.codes + 1, minlength=len(levels) + 1)
        return levels, counts[1:] > 0
    levels = np.asarray(column.dropna().unique())
    try:
        levels = np.sort(levels)
    except TypeError:  # of several kinds
        order = sorted(range(len(levels)), key=lambda at: (str(type(levels[at])), str(levels[at])))
        levels = levels[order]
    return levels, np.ones(len(levels), bool)


def _has_several_values(X: NDArray[Any]) -> NDArray[Any]:
    """Of each column whether it has more than two distinct values."""
    low, high = X.min(axis=0), X.max(axis=0)
    several: NDArray[Any] = ((low < X) & (high > X)).any(axis=0)
    return several
