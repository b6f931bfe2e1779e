"""Dates as numbers that a network can learn from."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from estimators.frame import pandas_frame
from pipelines.data.dates import parse_dates
from pipelines.data.finding import DataWarning
from pipelines.data.unread_dates import (
    mostly_unread,
    unread_dates,
    unread_error,
    unread_text,
)

__all__ = ["DateParts"]

_DAY = pd.Timedelta(days=1)
_ORIGIN = pd.Timestamp("2000-01-01")


class DateParts(TransformerMixin, BaseEstimator):
    """Turn each date into its time and its place in the year, month, week and day.

    The time is days since the beginning of 2000. A place is sine and cosine of an angle, so that
    the end of December is near the beginning of January; that in the day is there where the dates
    to fit have times of day. A value that is no date gives nan, of which `transform` warns in columns
    where there was none to fit.

    Parameters
    ----------
    formats : mapping of str to str
        Format of each column by name, see :func:`pipelines.data.dates.date_format`.

    Attributes
    ----------
    with_clock_ : list of bool
        For each column, whether its place in the day is given.
    with_unread_ : list of bool
        For each column, whether some of its values are no dates.
    feature_names_in_ : ndarray of shape (n_columns,)
    n_features_in_ : int

    Examples
    --------
    >>> when = pd.DataFrame({"when": ["2000-01-01", "2000-01-11"]})
    >>> DateParts({"when": "ISO8601"}).fit_transform(when)[:, 0].tolist()
    [0.0, 10.0]
    """

    def __init__(self, formats: Mapping[str, str]) -> None:
        self.formats = formats

    def fit(self, X: Any, y: object = None) -> DateParts:
        """Learn which columns of a table X, of shape (n_rows, n_columns), have times of day."""
        X = _as_pandas(X)
        self.feature_names_in_ = np.asarray(X.columns, dtype=object)
        self.n_features_in_ = X.shape[1]
        dates = [self._parse(X[name]) for name in X]
        self.with_clock_ = [
            bool((one.dropna() != one.dropna().dt.normalize()).any()) for one in dates
        ]
        self.with_unread_ = [
            bool(unread_dates(X[name], self.formats[str(name)], one).any())
            for name, one in zip(X, dates, strict=True)
        ]
        return self

    def transform(self, X: Any) -> np.ndarray:
        """Return the parts of dates.

        Parameters
        ----------
        X : DataFrame of shape (n_rows, n_columns)
            Of pandas, polars or Arrow.

        Returns
        -------
        ndarray of shape (n_rows, n_parts), float64
            Where there is no date it has nan.

        Raises
        ------
        InputError
            If most values of a column are no dates in its format.

        Warns
        -----
        DataWarning
            If fewer are none, in a column that had only dates to fit.
        """
        check_is_fitted(self)
        X = _as_pandas(X)
        # Those that an earlier version has saved do not tell.
        with_unread = getattr(self, "with_unread_", [False] * self.n_features_in_)
        dates = [self._parse(X[name]) for name in self.feature_names_in_]
        for name, one, expected in zip(self.feature_names_in_, dates, with_unread, strict=True):
            _check(X[name], self.formats[str(name)], one, expected=expected)
        return np.column_stack([_parts(*one) for one in zip(dates, self.with_clock_, strict=True)])

    def get_feature_names_out(self, input_features: Sequence[str] | None = None) -> np.ndarray:
        """Return the names of the parts, such as "when_sin_year"."""
        check_is_fitted(self)
        names = []
        for name, with_clock in zip(self.feature_names_in_, self.with_clock_, strict=True):
            cycles = ["year", "month", "week", *(["day"] if with_clock else [])]
            names += [f"{name}_days"]
            names += [f"{name}_{wave}_{cycle}" for cycle in cycles for wave in ("sin", "cos")]
        return np.asarray(names, dtype=object)

    def _parse(self, column: pd.Series) -> pd.Series:
        return parse_dates(column, self.formats[str(column.name)])

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.string = True
        tags.transformer_tags.preserves_dtype = []
        return tags


def _as_pandas(X: Any) -> pd.DataFrame:
    frame = pandas_frame(X)
    return X if frame is None else frame


def _check(column: pd.Series, format: str, dates: pd.Series, *, expected: bool) -> None:
    unread = unread_dates(column, format, dates)
    if mostly_unread(column, unread, expected=expected):
        raise unread_error(column, unread, format)
    if unread.any() and not expected:
        warnings.warn(f"{unread_text(column, unread)}.", DataWarning, stacklevel=3)


def _parts(dates: pd.Series, with_clock: bool) -> np.ndarray:
    when = dates.dt
    time_of_day = (dates - when.normalize()) / _DAY
    cycles = [
        (when.day_of_year - 1 + time_of_day) / (365 + when.is_leap_year),
        (when.day - 1 + time_of_day) / when.days_in_month,
        (when.day_of_week + time_of_day) / 7,
    ]
    if with_clock:
        cycles.append(time_of_day)
    angles = [2 * np.pi * cycle.to_numpy("float64", na_value=np.nan) for cycle in cycles]
    days = ((dates - _ORIGIN) / _DAY).to_numpy("float64", na_value=np.nan)
    return np.column_stack([days, *(wave(angle) for angle in angles for wave in (np.sin, np.cos))])
