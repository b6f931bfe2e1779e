from __future__ import annotations

import datetime
import decimal
import warnings

import numpy as np
import pandas as pd
import pytest

from pipelines.data.columns import (
    plain_column,
    plain_features,
    warn_of_identifiers,
    warn_of_numbers_and_dates_as_text,
)
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


def test_no_column_left():
    with pytest.raises(
        InputError,
        match=r"No feature column is left in a.csv; drop fewer columns, or add one to learn from.",
    ):
        plain_features(pd.DataFrame(index=range(3)), "a.csv")


@pytest.mark.parametrize(
    ("empty", "these"), [(["b"], "this column"), (["b", "c"], "these columns")]
)
def test_a_column_without_a_value(empty, these):
    table = pd.DataFrame({"a": [1.0, np.nan], "b": None, "c": np.nan})[["a", *empty]]
    names = ", ".join(map(repr, empty))
    with pytest.raises(InputError, match=f"No row of a.csv has a value in {names}; drop {these}."):
        plain_features(table, "a.csv")


@pytest.mark.parametrize(
    "column",
    [
        pd.to_datetime(pd.Series(["2020-01-01", None])),
        pd.to_datetime(pd.Series(["2020-01-01", None])).dt.tz_localize("UTC"),
        pd.to_timedelta(pd.Series([1, 2]), unit="s"),
        pd.Series(pd.period_range("2020", periods=2, freq="M")),
        pd.Series([datetime.date(2020, 1, 1), None], dtype=object),
        pd.Series([datetime.time(1), None], dtype=object),
    ],
)
def test_dates_and_times(column):
    with pytest.raises(
        InputError,
        match=r"a.parquet holds dates or times in 'when', which cannot be learned from as they "
        r"are; drop this column or turn them into numbers.",
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


@pytest.mark.parametrize(
    ("column", "name"),
    [
        (pd.Series([f"id {n}" for n in range(21)]), "id"),
        (pd.Series(range(3)), "Unnamed: 0"),
    ],
)
def test_an_identifier_is_warned_of(column, name):
    with pytest.warns(
        UserWarning,
        match=f"In a.csv, '{name}' looks like an identifier of the row, from which nothing "
        "general can be learned; name it in drop to leave it out.",
    ):
        warn_of_identifiers(pd.DataFrame({name: column, "x": 1.5}), "a.csv")


@pytest.mark.parametrize(
    "column",
    [
        pd.Series([f"id {n}" for n in range(20)]),  # too few rows to tell
        pd.Series([f"id {n}" for n in range(21)] + ["id 0"]),
        pd.Series(range(21)),
    ],
)
def test_no_identifier(column):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warn_of_identifiers(pd.DataFrame({"id": column}), "a.csv")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (["1.5", "2", "3", "4", "?"], r"'age' is text because of '\?' in 1 of 5 rows"),
        (["1,234", "900", "$12", "7", "8"], r"because of '1,234', '\$12' in 2 of 5 rows"),
        (["2024-01-05", "2024-01-06 10:00", "1/2/2023", None, "5.6.1999"], "looks like dates"),
    ],
)
def test_numbers_and_dates_as_text(values, message):
    with pytest.warns(UserWarning, match=message):
        warn_of_numbers_and_dates_as_text(pd.DataFrame({"age": values, "x": 1.5}), "a.csv")


@pytest.mark.parametrize("values", [["1", "2", "G", "4+"], ["94110", "10001"], ["a", None], [1, 2]])
def test_neither_numbers_nor_dates(values):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warn_of_numbers_and_dates_as_text(pd.DataFrame({"code": values}), "a.csv")
