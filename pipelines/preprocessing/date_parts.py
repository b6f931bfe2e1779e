"""Dates as numbers that a network can learn from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from pipelines.data.dates import parse_dates

__all__ = ["DateParts"]

_DAY = pd.Timedelta(days=1)
_ORIGIN = pd.Timestamp("2000-01-01")


class DateParts(TransformerMixin, BaseEstimator):
    """Turn each date into its time and its place in the year, month, week and day.

    The time is days since the beginning of 2000. A place is sine and cosine of an angle, so that
    the end of December is near the beginning of January; that in the day is there where the dates
    to fit have times of day. A value that is no date gives nan.

    Parameters
    ----------
    formats : mapping of str to str
        Format of each column by name, see :func:`pipelines.data.dates.date_format`.

    Attributes
    ----------
    with_clock_ : list of bool
        For each column, whether its place in the day is given.
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

    def fit(self, X: pd.DataFrame, y: object = None) -> DateParts:
        """Learn which columns of X, of shape (n_rows, n_columns), have times of day."""
        self.feature_names_in_ = np.asarray(X.columns, dtype=object)
        self.n_features_in_ = X.shape[1]
        dates = [self._parse(X[name]) for name in X]
        self.with_clock_ = [
            bool((one.dropna() != one.dropna().dt.normalize()).any()) for one in dates
        ]
        return self

    def transform(self, X: pd.DataFrame) -> np.ndarray:
        """Return an array of float64 of shape (n_rows, n_parts); nan where there is no date."""
        check_is_fitted(self)
        columns = zip(self.feature_names_in_, self.with_clock_, strict=True)
        parts = [_parts(self._parse(X[name]), with_clock) for name, with_clock in columns]
        return np.column_stack(parts)

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
