from __future__ import annotations

import json
from math import log

import numpy as np
import pandas as pd
import pytest

from pipelines.data import Dataset
from pipelines.input_statistics import Drift, input_statistics, read_statistics, write_statistics


def rows(n_rows=1000, seed=0, **changes):
    rng = np.random.default_rng(seed)
    columns = {
        "age": rng.normal(40, 10, n_rows),
        "town": rng.choice(["Aachen", "Bonn", "Celle"], n_rows),
        "smoker": rng.random(n_rows) > 0.7,
        "when": pd.Timestamp("2024-01-01")
        + pd.to_timedelta(rng.integers(0, 365, n_rows), unit="D"),
    }
    return pd.DataFrame(columns | changes)


def statistics_of(X):
    dates = {"when": "datetime"} if "when" in X else {}
    dataset = Dataset(
        "d", X, pd.Series(np.zeros(len(X))), "regression", "table", "a test", dates=dates
    )
    # By way of JSON, as they are kept.
    return read_statistics(json.loads(json.dumps(write_statistics(input_statistics(dataset)))))


def drift(now, before=None):
    one = Drift(statistics_of(rows() if before is None else before))
    one.add(now)
    return one


def test_each_kind():
    X = pd.DataFrame(
        {
            "n": [1.0, 2.0, 3.0, np.nan],
            "t": ["a", "b", "a", None],
            "b": pd.Series(["True", None, "False", "True"], dtype="str"),
            "when": pd.to_datetime(["1970-01-01", "1970-01-02", None, "1970-01-02"]),
        }
    )
    found = statistics_of(X)
    assert [found[name].kind for name in X] == ["number", "category", "boolean", "date"]
    assert [found[name].n_missing for name in X] == [1, 1, 1, 1]
    assert found["t"].counts == {"a": 2, "b": 1}
    assert found["when"].edges[-1] == 86400
    assert found["when"].format == "datetime"
    assert sum(found["n"].counts.values()) == 3


def test_the_index_by_hand():
    before, now = (pd.DataFrame({"t": ["a"] * a + ["b"] * b}) for a, b in ((79, 19), (29, 69)))
    table = drift(now, before).table()
    # With half a row each added: 79.5 and 19.5 of 99, then 29.5 and 69.5.
    expected = 50 / 99 * (log(79.5 / 29.5) + log(69.5 / 19.5))
    assert table["shift"].tolist() == pytest.approx([expected])
    assert table["has shifted"].tolist() == [True]


@pytest.mark.parametrize("n_rows", [1, 10, 100, 1000])
def test_chance_is_no_shift(n_rows):
    for seed in range(1, 20):
        assert drift(rows(n_rows, seed)).sentence() == ""


def test_what_has_changed_is_one_line():
    later = rows(seed=1)["when"] + pd.Timedelta(days=200)
    town = ["Bonn"] * 500 + ["Zwickau"] * 499 + ["Ulm"]
    now = rows(seed=1, age=rows()["age"].mask(rows().index % 2 == 0), when=later, town=town)
    sentence = drift(now).sentence()
    assert sentence.startswith(
        "Against the 1,000 rows trained on, the distribution has shifted (population stability index "
        "above 0.25) in '"
    )
    for name in ("age", "when", "town"):
        assert f"'{name}' (" in sentence
    assert "smoker" not in sentence
    assert "categories never trained on in 'town' (2 in 500 of 1,000 rows)." in sentence
    table = drift(now).table().set_index("column")
    assert table.loc["age", ["missing before", "missing now"]].tolist() == [0, 0.5]
    assert table.loc["town", ["unseen categories", "unseen rows"]].tolist() == [2, 500]


def test_parts_are_added_up():
    now = rows(seed=1, town="Ulm")
    whole, parts = drift(now), Drift(statistics_of(rows()))
    for begin in range(0, 1000, 300):
        parts.add(now.iloc[begin : begin + 300])
    pd.testing.assert_frame_equal(parts.table(), whole.table())


def test_no_more_categories_are_kept_than_some():
    before = pd.DataFrame({"t": ["a", "b"] * 50})
    one = Drift(statistics_of(before))
    for begin in range(0, 60_000, 20_000):
        one.add(pd.DataFrame({"t": [f"new {n}" for n in range(begin, begin + 20_000)]}))
    assert one.table().loc[0, "unseen categories"] == 10_000


def test_the_table_as_a_file(tmp_path):
    one = drift(rows(seed=1, town="<Ulm>"))
    one.write(tmp_path / "drift.html")
    page = (tmp_path / "drift.html").read_text("utf-8")
    assert "categories never trained on in &#x27;town&#x27; (1 in 1,000 of 1,000 rows)" in page
    assert "<td>town</td>" in page
    one.write(tmp_path / "drift.csv")
    assert pd.read_csv(tmp_path / "drift.csv")["column"].tolist() == one.table()["column"].tolist()
