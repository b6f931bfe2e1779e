from __future__ import annotations

import datetime
import decimal

import numpy as np
import pandas as pd
import pytest

from pipelines.data.columns import plain_column, plain_features
from pipelines.errors import InputError


@pytest.mark.parametrize(
    ("column", "dtype", "values"),
    [
        (pd.Series([1, 2]), "int64", [1, 2]),
        (pd.Series([1, 2], dtype="uint8"), "uint8", [1, 2]),
        (pd.Series([1.5], dtype="float32"), "float32", [1.5]),
        (pd.Series([1.5], dtype="float16"), "float64", [1.5]),
        (pd.Series([1, None], dtype="Int64"), "float64", [1.0, np.nan]),
        (pd.Series([decimal.Decimal("1.5"), None]), "float64", [1.5, np.nan]),
        (pd.Series([10**25, 1], dtype=object), "float64", [1e25, 1.0]),
        (pd.Series([True, False]), "bool", [True, False]),
        (pd.Series([True, False], dtype="boolean"), "bool", [True, False]),
        (pd.Series([True, None], dtype="boolean"), "str", ["True", np.nan]),
        (pd.Series([True, np.nan], dtype=object), "str", ["True", np.nan]),
        (pd.Series(["a", None], dtype="str"), "str", ["a", np.nan]),
        (pd.Series(["a", None], dtype="string"), "str", ["a", np.nan]),
        (pd.Series(["a", None], dtype=object), "str", ["a", np.nan]),
        (pd.Series(["a", None], dtype="category"), "str", ["a", np.nan]),
        (pd.Series([1, 2], dtype="category"), "str", ["1", "2"]),
        (pd.Series([True, False], dtype="category"), "str", ["True", "False"]),
    ],
)
def test_plain_column(column, dtype, values):
    plain = plain_column(column)
    pd.testing.assert_series_equal(plain, pd.Series(values, dtype=dtype))


@pytest.mark.parametrize(
    "column",
    [
        pd.to_datetime(pd.Series(["2020-01-01 05:00", None])),
        pd.to_datetime(pd.Series(["2020-01-01", None])).dt.tz_localize("America/Lima"),
        pd.Series([datetime.datetime(2020, 1, 1, 5), None], dtype=object),
    ],
)
def test_dates_are_without_a_zone(column):
    plain = plain_column(column)
    assert plain.dt.tz is None
    assert plain.tolist() == [pd.Timestamp("2020-01-01 05:00"), pd.NaT]


def test_days_are_dates():
    days = pd.Series([datetime.date(2020, 1, 1), None], dtype=object)
    assert plain_column(days).tolist() == [pd.Timestamp("2020-01-01"), pd.NaT]


def test_no_column_left():
    with pytest.raises(
        InputError,
        match=r"No feature column is left in a.csv; drop fewer columns, or add one to learn from.",
    ):
        plain_features(pd.DataFrame(index=range(3)), "a.csv")


@pytest.mark.parametrize(
    "column",
    [
        pd.to_timedelta(pd.Series([1, 2]), unit="s"),
        pd.Series(pd.period_range("2020", periods=2, freq="M")),
        pd.Series([datetime.time(1), None], dtype=object),
    ],
)
def test_times_and_periods(column):
    with pytest.raises(
        InputError,
        match=r"a.parquet holds times or periods in 'when', which cannot be learned from as they "
        r"are; drop this column or turn them into numbers or dates.",
    ):
        plain_features(pd.DataFrame({"x": [1, 2], "when": column}), "a.parquet")


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        (pd.Series([[1], [2]]), "mixed"),
        (pd.Series([b"a", b"b"]), "bytes"),
        (pd.Series([1, "a"], dtype=object), "mixed-integer"),
        (pd.Series([1j, 2j]), "complex"),
        (pd.Series(pd.interval_range(0, 2)), "interval"),
    ],
)
def test_other_values(column, kind):
    with pytest.raises(
        InputError,
        match=rf"a.parquet holds neither numbers nor text in 'odd' \(but '{kind}' values\); drop "
        "this column or turn them into numbers or text.",
    ):
        plain_features(pd.DataFrame({"odd": column}), "a.parquet")


def test_numbers_beyond_float32():
    table = pd.DataFrame(
        {"a": [np.inf, -np.inf, 1.0], "b": [3e38, np.nan, 1.0], "c": [4e38, 1.0, 1.0]}
    )
    with pytest.raises(
        InputError,
        match=r"a.csv holds numbers that are infinite or beyond the range of float32 in 'a' "
        r"\(2 of them\), 'c' \(1 of them\); correct them or leave these fields empty.",
    ):
        plain_features(table, "a.csv")
