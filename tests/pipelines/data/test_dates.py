from __future__ import annotations

import pandas as pd
import pytest

from pipelines.data.dates import date_example, date_format, is_ambiguous, parse_dates

DAYS = pd.Series(pd.date_range("2023-12-01", periods=40))


@pytest.mark.parametrize(
    ("format", "found"),
    [
        ("%Y-%m-%d", "ISO8601"),
        ("%Y-%m-%dT%H:%M:%SZ", "ISO8601"),
        ("%Y/%m/%d", "ISO8601"),
        ("%d.%m.%Y", None),
        ("%m/%d/%Y", None),
        ("%d/%m/%Y", None),
        ("%d/%m/%Y %H:%M", None),
        ("%m/%d/%y", None),
        ("%d-%b-%y", None),
        ("%b %d, %Y", None),
        ("%d.%m.%y", None),
        ("%m/%d/%Y %I:%M %p", None),
        ("%m/%d/%Y %I:%M:%S %p", None),
        ("%d-%m-%Y %I:%M %p", None),
        ("%d.%m.%Y %H:%M:%S.%f", None),
        ("%a, %d %b %Y %H:%M:%S GMT", None),
    ],
)
def test_text(format, found):
    written = DAYS.dt.strftime(format).astype("str")
    assert date_format(written) == (found or format)
    assert (parse_dates(written, found or format) == DAYS).all()


@pytest.mark.parametrize(
    ("numbers", "found"),
    [
        (DAYS.astype("datetime64[s]").astype("int64"), "s"),
        (DAYS.astype("datetime64[ms]").astype("int64"), "ms"),
        (DAYS.dt.strftime("%Y%m%d").astype("int64"), "%Y%m%d"),
        (DAYS.dt.strftime("%Y%m%d").astype("float64"), "%Y%m%d"),
    ],
)
def test_numbers(numbers, found):
    assert date_format(numbers) == found
    assert (parse_dates(numbers, found) == DAYS).all()


@pytest.mark.parametrize(
    "column",
    [
        pd.Series(range(20_000_000, 20_000_040)),  # among them days that no calendar has
        pd.Series([1_700_000_000, 5]),
        pd.Series([1_700_000_000.5 + n for n in range(30)]),
        pd.Series([1_700_000_000] * 30),  # too few distinct ones to tell
        pd.Series([True, False]),
        pd.Series(["1.2.3", "1.10.12"]),
        pd.Series(["555-12-1234"] * 3),
        pd.Series(["2024-01-01"] * 9 + ["unknown"]),
        pd.Series(["2020", "2021"]),
        pd.Series([None, None], dtype="str"),
    ],
)
def test_no_dates(column):
    assert date_format(column) is None


def test_a_late_day_tells_day_from_month():
    written = pd.Series(["01/02/2024"] * 1500 + ["13/02/2024"] * 200)
    assert date_format(written) == "%d/%m/%Y"


def test_days_and_months_that_could_change_places():
    assert is_ambiguous(pd.Series(["1/2/2024", None]), "%m/%d/%Y")
    assert not is_ambiguous(pd.Series(["1/2/2024", "1/13/2024"]), "%m/%d/%Y")
    assert not is_ambiguous(pd.Series(["1.2.2024"]), "%d.%m.%Y")


def test_what_is_no_date_is_missing():
    assert parse_dates(pd.Series(["2024-01-31", "?", None]), "ISO8601").isna().tolist() == [
        False,
        True,
        True,
    ]
    assert parse_dates(pd.Series([20240131.0, None]), "%Y%m%d").isna().tolist() == [False, True]
    as_text = parse_dates(pd.Series(["2024-01-31T10:00:00", 5], dtype=object), "datetime")
    assert as_text.tolist() == [pd.Timestamp("2024-01-31 10:00"), pd.NaT]


def test_half_of_the_day():
    clock = parse_dates(
        pd.Series(["01/31/2024 12:05 AM", "1/31/2024 1:05 pm"]), "%m/%d/%Y %I:%M %p"
    )
    assert clock.tolist() == [pd.Timestamp("2024-01-31 00:05"), pd.Timestamp("2024-01-31 13:05")]


@pytest.mark.parametrize("format", ["ISO8601", "datetime", "%d.%m.%y", "%m/%d/%Y %I:%M %p", "s"])
def test_an_example_is_read(format):
    example = parse_dates(pd.Series([date_example(format)]), format)
    assert example.dt.strftime("%Y-%m-%d").tolist() == ["2011-01-31"]


def test_fractions_of_days_are_no_days():
    assert parse_dates(pd.Series([20240131.5, 20240131]), "%Y%m%d").isna().tolist() == [True, False]


def test_zones_become_utc():
    zoned = parse_dates(pd.Series(["2024-01-31T01:00:00+02:00"]), "ISO8601")
    assert zoned.tolist() == [pd.Timestamp("2024-01-30 23:00")]
    column = pd.Series(["Wed, 31 Jan 2024 01:00:00 +0200"])
    assert date_format(column) == "%a, %d %b %Y %H:%M:%S %z"
    assert parse_dates(column, date_format(column)).tolist() == [pd.Timestamp("2024-01-30 23:00")]
