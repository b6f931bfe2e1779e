from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pipelines.data.target_copies import explained_by_one_column

RNG = np.random.default_rng(0)
N = 600
NUMBER = pd.Series(RNG.lognormal(0, 2, N))
LABEL = pd.Series(RNG.choice(["no", "yes"], N, p=[0.9, 0.1]))
NOISE = pd.DataFrame({"noise": RNG.normal(size=N), "code": [f"c{n}" for n in range(N)]})


@pytest.mark.parametrize(
    "copy",
    [
        NUMBER * 1.19,
        -NUMBER,
        np.log(NUMBER),
        NUMBER * RNG.normal(1, 0.001, N),
    ],
)
def test_numbers_by_a_copy(copy):
    shares = explained_by_one_column(NOISE.assign(copy=copy), NUMBER, "regression")
    assert shares["copy"] > 0.99
    assert max(shares["noise"], shares["code"]) < 0.5


@pytest.mark.parametrize(
    "copy",
    [
        LABEL.map({"no": "declined", "yes": "accepted"}),
        LABEL.eq("yes"),
        LABEL.eq("yes") * 1000 + RNG.normal(size=N),
        NUMBER.where(LABEL == "yes"),  # only filled in where the answer is yes
        pd.Series(pd.Timestamp("2024-01-01") + pd.to_timedelta(LABEL.eq("yes") * 99, unit="D")),
    ],
)
def test_classes_by_a_copy(copy):
    shares = explained_by_one_column(NOISE.assign(copy=copy), LABEL, "classification")
    assert shares["copy"] == 1
    assert max(shares["noise"], shares["code"]) < 0.1


def test_three_classes_need_three_leaves():
    y = pd.Series(np.arange(N) % 3)
    shares = explained_by_one_column(pd.DataFrame({"copy": y * 7.0}), y, "classification")
    assert shares == {"copy": 1.0}


def test_a_good_column_is_no_copy():
    good = pd.DataFrame({"good": NUMBER.rank() + RNG.normal(0, N / 10, N)})
    assert 0.5 < explained_by_one_column(good, NUMBER, "regression")["good"] < 0.95
