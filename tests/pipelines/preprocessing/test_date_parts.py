from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow
import pytest
from sklearn.base import clone

from pipelines.data.finding import DataWarning
from pipelines.errors import InputError
from pipelines.preprocessing import DateParts

WHEN = pd.DataFrame({"when": ["2023-01-01", "2024-12-31", None], "at": [1.6e9, 1.7e9, np.nan]})
FORMATS = {"when": "ISO8601", "at": "s"}


def test_parts_by_hand():
    # A leap year's 1 July is day 182 of 366, and 2024-07-01 a Monday.
    parts = DateParts({"when": "ISO8601"}).fit_transform(pd.DataFrame({"when": ["2024-07-01"]}))
    angle = 2 * np.pi * 182 / 366
    days = (pd.Timestamp("2024-07-01") - pd.Timestamp("2000-01-01")).days
    expected = [days, np.sin(angle), np.cos(angle), 0, 1, 0, 1]
    np.testing.assert_allclose(parts, [expected], atol=1e-12)


def test_time_of_day_only_where_there_is_one():
    parts = DateParts(FORMATS).fit(WHEN)
    names = parts.get_feature_names_out().tolist()
    assert len(names) == parts.transform(WHEN).shape[1] == 7 + 9
    assert "when_sin_day" not in names
    assert names[-2:] == ["at_sin_day", "at_cos_day"]
    noon = DateParts({"t": "ISO8601"}).fit_transform(pd.DataFrame({"t": ["2024-01-01T12:00"]}))
    np.testing.assert_allclose(noon[0, -2:], [0, -1], atol=1e-12)


def test_what_is_no_date_is_nan():
    parts = DateParts(FORMATS).fit(WHEN)
    assert np.isnan(parts.transform(WHEN)[2]).all()


def test_what_is_no_date_though_training_had_only_dates():
    parts = DateParts(FORMATS).fit(WHEN)
    new = pd.DataFrame({"when": ["2024-02-01", "soon", "2024-02-03"], "at": [1.65e9] * 3})
    with pytest.warns(DataWarning, match=r"^1 value of 'when' is no date .* \('soon' in row 2\)\."):
        nans = np.isnan(parts.transform(new))
    assert nans.tolist() == [[False] * 16, [True] * 7 + [False] * 9, [False] * 16]
    with pytest.raises(InputError, match=r"'when' held dates as year-month-day .* 'soon' in row 1"):
        parts.transform(new.assign(when=["soon", "later", "2024-02-03"]))


def test_what_is_no_date_as_in_training():
    some = pd.DataFrame({"when": ["2024-02-01", "soon", "2024-02-03"]})
    parts = DateParts(FORMATS).fit(some)
    assert np.isnan(parts.transform(some)[1]).all()
    assert np.isnan(parts.transform(some.iloc[[1]])).all()
    with pytest.raises(InputError, match="'when' held dates as year-month-day"):
        parts.transform(pd.DataFrame({"when": ["01.02.2024"] * 20}))


def test_of_an_earlier_version_it_is_read():
    parts = DateParts(FORMATS).fit(WHEN)
    del parts.with_unread_
    assert parts.transform(WHEN).shape == (3, 16)


def test_the_year_closes():
    ends = pd.DataFrame({"when": ["2023-12-31", "2024-01-01", "2024-07-01"]})
    place = DateParts({"when": "ISO8601"}).fit_transform(ends)[:, 1:3]
    assert np.linalg.norm(place[0] - place[1]) < 0.02
    assert np.linalg.norm(place[0] - place[2]) > 1.9


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_dates_of_pandas(unit):
    dates = pd.DataFrame({"when": pd.to_datetime(["2023-01-01", "2024-12-31"]).as_unit(unit)})
    expected = DateParts({"when": "ISO8601"}).fit_transform(WHEN[["when"]].head(2))
    np.testing.assert_array_equal(DateParts({"when": "datetime"}).fit_transform(dates), expected)


def arrow(dates):
    return pyarrow.Table.from_pandas(dates)


def polars(dates):
    return pytest.importorskip("polars").DataFrame({"when": dates["when"].to_numpy()})


def pandas_of_arrow(dates):
    return dates.convert_dtypes(dtype_backend="pyarrow")


def days_of_arrow(dates):
    days = pyarrow.array(dates["when"].dt.date.where(dates["when"].notna(), None), pyarrow.date32())
    return pd.DataFrame({"when": pd.arrays.ArrowExtensionArray(days)})


def zones_of_arrow(dates):
    return pandas_of_arrow(dates.assign(when=dates["when"].dt.tz_localize("UTC")))


@pytest.mark.parametrize("table", [arrow, polars, pandas_of_arrow, days_of_arrow, zones_of_arrow])
def test_tables_of_polars_and_arrow(table):
    dates = pd.DataFrame({"when": pd.to_datetime(["2023-01-01", "2024-12-31", None])})
    parts = DateParts({"when": "datetime"}).fit(dates)
    np.testing.assert_array_equal(parts.transform(table(dates)), parts.transform(dates))
    again = clone(parts).fit(table(dates))
    np.testing.assert_array_equal(again.transform(dates), parts.transform(dates))
    assert again.get_feature_names_out().tolist() == parts.get_feature_names_out().tolist()


def test_it_is_cloned():
    assert clone(DateParts(FORMATS)).formats == FORMATS
