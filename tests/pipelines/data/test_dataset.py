from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pipelines.data import Dataset, load_dataset
from pipelines.errors import InputError


def make_dataset(n_rows=20, y=None, task="regression", **changes):
    X = pd.DataFrame({"a": np.arange(n_rows, dtype=float), "b": ["x", "y"] * (n_rows // 2)})
    y = pd.Series(np.arange(n_rows, dtype=float) if y is None else y, name="t")
    return Dataset("rows", X, y, task, "table", "a test", **changes)


def rows_of(dataset):
    return dataset.X["a"].astype(int).tolist()


def test_columns_by_what_they_hold():
    X = pd.DataFrame(
        {
            "float": [1.5],
            "text": ["x"],
            "bool": [True],
            "int": [1],
            "object": pd.Series(["x"], dtype=object),
            "uint8": np.array([1], np.uint8),
        }
    )
    dataset = Dataset("d", X, pd.Series([1.0]), "regression", "table", "a test")
    assert dataset.numeric_columns == ["float", "int", "uint8"]
    assert dataset.categorical_columns == ["text", "bool", "object"]


def test_split_is_a_partition_that_repeats():
    dataset = make_dataset()
    development, test = dataset.split(test_size=0.25, random_state=3)
    assert sorted(rows_of(development) + rows_of(test)) == list(range(20))
    assert len(test.X) == 5
    again = dataset.split(test_size=0.25, random_state=3)
    assert rows_of(again[0]) == rows_of(development)
    assert rows_of(dataset.split(0.25, random_state=4)[1]) != rows_of(test)
    for part in (development, test):
        assert part.y.tolist() == part.X["a"].tolist()
        assert (part.name, part.task, part.source) == ("rows", "regression", "a test")


def test_split_is_stratified():
    dataset = make_dataset(y=["no"] * 15 + ["yes"] * 5, task="classification")
    _, test = dataset.split(test_size=0.2)
    assert test.y.value_counts().to_dict() == {"no": 3, "yes": 1}


def test_split_keeps_groups_together():
    dataset = make_dataset(groups=pd.Series(np.repeat([0, 1, 2, 3, 4], 4)))
    development, test = dataset.split(test_size=0.2)
    assert set(development.groups).isdisjoint(test.groups)
    assert len(test.X) == 4
    assert test.groups.index.tolist() == test.X.index.tolist()


def test_split_takes_the_official_test_set_in_order():
    dataset = make_dataset(test_rows=np.array([18, 19]))
    development, test = dataset.split(test_size=0.5)
    assert rows_of(test) == [18, 19]
    assert rows_of(development) == list(range(18))
    assert development.test_rows is None
    assert test.test_rows is None


@pytest.mark.parametrize("test_size", [0, 1, -0.1, 1.5, float("nan"), "0.2"])
def test_split_refuses_a_size_out_of_range(test_size):
    with pytest.raises(
        InputError, match=f"test_size must lie between 0 and 1, both excluded; got {test_size}."
    ):
        make_dataset().split(test_size=test_size)


def test_split_refuses_a_class_with_a_single_row():
    dataset = make_dataset(y=["a"] * 10 + ["b"] * 9 + ["rare"], task="classification")
    with pytest.raises(
        InputError,
        match=r"in proportion to the classes, for which each needs two rows or more, but rows has a "
        r"single row of 'rare'; add rows of it or remove it from the data\.",
    ):
        dataset.split()


def test_of_two_rows_of_a_class_none_may_be_held_out():
    dataset = make_dataset(y=["a"] * 10 + ["b"] * 8 + ["rare"] * 2, task="classification")
    development, test = dataset.split()
    assert development.y.tolist().count("rare") == 2
    assert "rare" not in set(test.y)


@pytest.mark.parametrize(
    ("dataset", "what", "least"),
    [
        (make_dataset(y=[*"abcdefghij"] * 2, task="classification"), "20 rows", 10),
        (make_dataset(n_rows=2), "2 rows", 1),
        (make_dataset(n_rows=2, groups=pd.Series([7, 7])), "1 groups", 1),
    ],
)
def test_split_refuses_too_few(dataset, what, least):
    with pytest.raises(
        InputError,
        match=rf"test_size=0.6 splits the {what} of rows into \d+ and \d+, but each side needs "
        f"at least {least}; choose another test_size or add rows.",
    ):
        dataset.split(test_size=0.6)


def test_digest_is_of_contents_and_names():
    dataset = make_dataset()
    assert len(dataset.digest) == 16
    int(dataset.digest, 16)
    same = make_dataset()
    assert same.digest == dataset.digest
    assert replace(dataset, name="other", source="elsewhere").digest == dataset.digest
    groups = pd.Series(np.zeros(20))
    changed = [
        replace(dataset, X=dataset.X.rename(columns={"a": "c"})),
        replace(dataset, X=dataset.X[["b", "a"]]),
        replace(dataset, X=dataset.X.astype({"a": "float32"})),
        replace(dataset, X=dataset.X[::-1]),
        replace(dataset, X=dataset.X.mask(dataset.X["b"] == "x")),
        replace(dataset, y=dataset.y + 1),
        replace(dataset, groups=groups),
        replace(dataset, groups=groups + 1),
    ]
    digests = {dataset.digest, *(other.digest for other in changed)}
    assert len(digests) == 1 + len(changed)


def test_digest_tells_a_hole_from_the_text_nan():
    hole, text = (
        replace(make_dataset(2), X=pd.DataFrame({"b": pd.Series(["x", value], dtype="str")}))
        for value in (np.nan, "nan")
    )
    assert hole.digest != text.digest


def test_digest_is_the_same_in_another_process():
    code = "from pipelines.data import load_dataset; print(load_dataset('iris').digest)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONHASHSEED": "7", "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == [load_dataset("iris").digest]


def test_dates_are_neither_numbers_nor_categories():
    X = pd.DataFrame({"a": [1, 2], "when": ["2024-01-01", "2024-01-02"], "seconds": [1, 2]})
    dates = {"when": "ISO8601", "seconds": "s"}
    dataset = Dataset("d", X, pd.Series([1.0, 2]), "regression", "table", "a test", dates=dates)
    assert dataset.numeric_columns == ["a"]
    assert dataset.categorical_columns == []


def test_split_keeps_duplicates_together():
    distinct = make_dataset(y=["no"] * 10 + ["yes"] * 10, task="classification")
    copies = np.array([0] * 7 + [19] * 3)
    dataset = replace(
        distinct,
        X=pd.concat([distinct.X, distinct.X.iloc[copies]], ignore_index=True),
        y=pd.concat([distinct.y, distinct.y.iloc[copies]], ignore_index=True),
        duplicates_together=True,
    )
    expected = [set(rows_of(part)) for part in distinct.split(random_state=3)]
    development, test = dataset.split(random_state=3)
    assert [set(rows_of(development)), set(rows_of(test))] == expected
    assert len(development.X) + len(test.X) == 30
    assert rows_of(dataset.distinct()) == list(range(20))


def test_split_holds_the_latest_rows_out():
    times = pd.Series([*range(14), 14, 14, 14, 17, 18, 19])
    development, test = make_dataset(times=times).split(test_size=0.2)
    assert rows_of(development) == list(range(14))  # those of time 14 stay together
    assert test.times.tolist() == [14, 14, 14, 17, 18, 19]
    with pytest.raises(
        InputError, match="The latest 20% of the rows of rows have the same time as"
    ):
        make_dataset(times=pd.Series([1] * 20)).split()
