from __future__ import annotations

import numpy as np
import pandas as pd

from pipelines.data.duplicates import expected_pairs, first_rows


def test_rows_that_are_equal_in_every_column():
    X = pd.DataFrame(
        {
            "n": [1.0, np.nan, 1.0, np.nan, 1.0],
            "t": ["x", "y", "x", "y", "x"],
            "d": pd.to_datetime(["2024-01-01", None, "2024-01-01", None, "2024-01-02"]),
        }
    )
    y = pd.Series([0, 1, 0, 1, 0], index=X.index)
    assert first_rows(X, y).tolist() == [0, 1, 0, 1, 4]
    assert first_rows(X, pd.Series([0, 1, 1, 1, 0])).tolist() == [0, 1, 2, 1, 4]
    assert first_rows(X.set_axis([9, 8, 7, 6, 5]), y).tolist() == [0, 1, 0, 1, 4]


def test_pairs_that_chance_would_make():
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"a": rng.integers(0, 4, 400), "b": rng.integers(0, 5, 400)})
    y = pd.Series(rng.integers(0, 2, 400))
    sizes = np.bincount(first_rows(X, y))
    pairs = (sizes * (sizes - 1) / 2).sum()
    assert abs(expected_pairs(X, y) / pairs - 1) < 0.1
    # By hand: each of the 6 pairs of 4 rows is equal in a with 3/8 and in y with 10/16.
    by_hand = expected_pairs(pd.DataFrame({"a": [1, 1, 2, None]}), pd.Series([0, 0, 0, 1]))
    assert by_hand == 6 * (4 + 1 + 1) / 16 * 10 / 16
