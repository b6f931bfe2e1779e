from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pipelines.data.number_text import parse_numbers


@pytest.mark.parametrize(
    ("written", "numbers"),
    [
        (["8.8%", "12 %"], [8.8, 12]),
        (["$1,000", "$12,345,678.5", "900"], [1000, 12345678.5, 900]),
        (["-3 €", "+4"], [-3, 4]),
        (["1'000", "5"], [1000, 5]),
        (["1,5", "1.000,25", "2"], [1.5, 1000.25, 2]),
        (["1,000", "2,000"], [1000, 2000]),
        (["1,5", "1,000.5"], [np.nan, 1000.5]),  # one of them is not what it seems
        (["12 kg", "?", None, "3-4"], [np.nan] * 4),
        (["1e3", "0"], [1000, 0]),
    ],
)
def test_each_way_to_write(written, numbers):
    np.testing.assert_array_equal(parse_numbers(pd.Series(written)), numbers)


def test_labels_of_rows_are_kept():
    column = pd.Series(["1,5", "2"], index=[7, 3])
    assert parse_numbers(column).to_dict() == {7: 1.5, 3: 2.0}
