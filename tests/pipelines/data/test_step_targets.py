from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pipelines.data import Dataset
from pipelines.data.digest import data_digest
from pipelines.data.duplicates import expected_pairs, first_rows
from pipelines.data.step_targets import (
    by_step_finding,
    each_target,
    is_by_step,
    pad_targets,
    real_steps,
    target_columns,
    target_name,
)
from pipelines.errors import InputError
from pipelines.search.splitters import make_splitter

NAN = np.nan
# Two channels: three steps, one step, and one with a gap in it.
X = pd.DataFrame(
    [[1, 2, 3, 4, 5, 6], [1, 2, NAN, NAN, NAN, NAN], [1, NAN, NAN, NAN, 5, NAN]],
    columns=["a_0", "b_0", "a_1", "b_1", "a_2", "b_2"],
    index=["p", "q", "r"],
)
Y = pd.DataFrame([list("xyx"), list("zzz"), list("xyz")], index=X.index).rename_axis(columns="tag")


@pytest.mark.parametrize(
    ("values", "dtype"),
    [([3, 1, 2], "int64"), ([0.5, 1.5, 2.5], "float64"), (["b", "c", "a"], "str")],
)
def test_shorter_ones_are_filled_up_with_their_last_target(values, dtype):
    y = pd.Series(values, name="y")
    padded = pad_targets(y, [np.array([1]), np.array([2, 0])])
    one, other, last = values[1], values[2], values[0]
    assert padded.to_numpy().tolist() == [[one, one], [other, last]]
    assert {str(one) for one in padded.dtypes} == {dtype}
    assert target_name(padded) == target_name(y) == "y"


def test_padding_is_at_the_end_and_a_gap_is_none():
    expected = [[True] * 3, [True, False, False], [True] * 3]
    assert real_steps(X, 3).tolist() == expected
    assert real_steps(X.to_numpy(), 3).tolist() == expected


def test_targets_of_padding_count_nowhere():
    assert each_target(X, Y).tolist() == ["x", "y", "x", "z", "x", "y", "z"]
    assert each_target(X, Y).name == "tag"
    of_rows = Y[0]
    assert each_target(X, of_rows) is of_rows


def test_what_a_target_is():
    assert (is_by_step(Y), is_by_step(Y[0])) == (True, False)
    assert [column.tolist() for column in target_columns(Y)] == Y.T.to_numpy().tolist()
    assert target_name(pd.Series([1])) == "target"


def test_rows_are_equal_if_every_step_is():
    twice = pd.concat([X, X, X])
    y = pd.concat([Y, Y, Y.assign(**{"1": "x"}).iloc[:, [0, 3, 2]].set_axis(Y.columns, axis=1)])
    assert first_rows(twice, y).tolist() == [0, 1, 2, 0, 1, 2, 6, 7, 8]
    assert expected_pairs(twice, y) < expected_pairs(twice, y[0])


def test_the_digest_sees_each_step():
    other = Y.copy()
    other.iloc[0, 2] = "y"
    assert data_digest(X, Y) == data_digest(X, Y.copy()) != data_digest(X, other)


def test_what_is_told():
    n_real = int(real_steps(X, Y.shape[1]).sum())
    told = by_step_finding(Y, X)
    assert "left out" not in told.text
    assert by_step_finding(Y, X, n_real) == told
    assert (
        "; 2 steps at the end of sequences have no value" in by_step_finding(Y, X, n_real + 2).text
    )
    assert "bidirectional=false" in told.remedy


def test_it_is_told_within_how_many_sequences_a_target_differs():
    values = pd.DataFrame([[1.0, 2.0], [1.0, np.nan], [1.0, 2.0]])
    y = pd.DataFrame([["a", "a"], ["a", "b"], ["a", "b"]])  # in the second row it is padding
    assert "differs within 1 of 3 sequences, so that" in by_step_finding(y, values).text
    same = pd.DataFrame([["a", "a"], ["b", "b"], ["a", "a"]])
    assert "'target' has a value in each step, so that" in by_step_finding(same, values).text


@pytest.fixture
def dataset():
    generator = np.random.default_rng(0)
    table = pd.DataFrame(generator.normal(size=(12, 3)), columns=["a_0", "a_1", "a_2"])
    y = pd.DataFrame(np.where(table > 0, "up", "down")).rename_axis(columns="tag")
    return Dataset("tags", table, y, "classification", "sequence", "here", channels=("a",))


def test_a_data_set_of_them(dataset):
    assert (dataset.by_step, dataset.stratified, dataset.target) == (True, False, "tag")
    assert len(dataset.targets) == 36
    assert dataset.relabelled(pd.Index(list("abcdefghijkl"))).y.index[0] == "a"


def test_whole_sequences_are_held_out(dataset):
    development, test = dataset.split(0.25)
    assert (len(development.y), test.y.shape) == (9, (3, 3))
    assert development.y.columns.name == "tag"
    splits = list(make_splitter(development).split(development.X, development.y))
    assert sorted(np.concatenate([validation for _, validation in splits])) == list(range(9))
    with pytest.raises(InputError, match=r"'stratified' needs classes, but these are of steps"):
        make_splitter(development, "stratified")
