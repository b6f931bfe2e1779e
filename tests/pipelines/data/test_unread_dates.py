from __future__ import annotations

import pandas as pd
import pytest

from pipelines.data.unread_dates import mostly_unread, unread_dates, unread_error, unread_text

COLUMN = pd.Series(["01/02/2023", None, "25/01/2023", "?"], name="d", index=[70, 71, 72, 73])
UNREAD = unread_dates(COLUMN, "%m/%d/%Y")


def test_values_that_are_no_dates():
    assert UNREAD.tolist() == [False, False, True, True]
    assert unread_text(COLUMN, UNREAD, rows_above=70) == (
        "2 values of 'd' are no dates and count as missing (such as '25/01/2023' in row 73)"
    )


def test_days_that_came_first_in_training_too():
    assert str(unread_error(COLUMN, UNREAD, "%m/%d/%Y", source="f.csv")) == (
        "'d' in f.csv held dates as %m/%d/%Y in training, but '25/01/2023' in row 3 is none: write "
        "dates as in training, such as '01/31/2011', or leave the field empty; it is one as %d/%m/%Y, "
        "so if the dates of training were such, too, train again with dates as year-month-day."
    )


@pytest.mark.parametrize(
    ("values", "expected", "mostly"),
    [
        (["?", "?", "2024-01-01"], False, True),
        (["?", "2024-01-01"], False, False),
        (["?"] * 19, True, False),
        (["?"] * 20, True, True),
        ([None], False, False),
    ],
)
def test_most_of_those_that_are_there(values, expected, mostly):
    column = pd.Series(values, dtype="str")
    unread = unread_dates(column, "ISO8601")
    assert mostly_unread(column, unread, expected=expected) is mostly
