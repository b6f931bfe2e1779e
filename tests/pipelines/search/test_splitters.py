from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import (
    GroupKFold,
    KFold,
    RepeatedKFold,
    RepeatedStratifiedKFold,
    ShuffleSplit,
    StratifiedGroupKFold,
    StratifiedKFold,
    StratifiedShuffleSplit,
)

from pipelines import Dataset, InputError
from pipelines.search import make_splitter
from pipelines.search.splitters import DistinctRows, TimeSplit

CLASSES = pd.Series(["often"] * 20 + ["seldom"] * 10)
NUMBERS = pd.Series(np.arange(30.0))
GROUPS = pd.Series(np.arange(30) % 6)


def rows(y, groups=None):
    """Thirty rows to split."""
    task = "regression" if pd.api.types.is_float_dtype(y.dtype) else "classification"
    X = pd.DataFrame({"x": np.arange(len(y))})
    return Dataset("rows", X, y, task, "table", "made up", groups=groups)


def folds(dataset, splitter):
    """Pairs of positions, checked to be a partition in each repeat."""
    splits = list(splitter.split(dataset.X, dataset.y, dataset.groups))
    for train, validation in splits:
        assert not set(train) & set(validation)
        assert len(train) + len(validation) == len(dataset.X)
    return splits


@pytest.mark.parametrize(
    ("name", "y", "groups", "n_repeats", "expected"),
    [
        ("kfold", CLASSES, None, 1, KFold),
        ("kfold", NUMBERS, None, 1, KFold),
        ("stratified", CLASSES, None, 1, StratifiedKFold),
        ("repeated", CLASSES, None, 2, RepeatedStratifiedKFold),
        ("repeated", CLASSES, None, 1, RepeatedStratifiedKFold),
        ("repeated", NUMBERS, None, 2, RepeatedKFold),
        ("grouped", CLASSES, GROUPS, 1, StratifiedGroupKFold),
        ("grouped", NUMBERS, GROUPS, 1, GroupKFold),
        ("auto", CLASSES, None, 1, StratifiedKFold),
        ("auto", NUMBERS, None, 1, KFold),
        ("auto", CLASSES, None, 2, RepeatedStratifiedKFold),
        ("auto", NUMBERS, None, 2, RepeatedKFold),
        ("auto", CLASSES, GROUPS, 1, StratifiedGroupKFold),
        ("auto", NUMBERS, GROUPS, 1, GroupKFold),
    ],
)
def test_each_name(name, y, groups, n_repeats, expected):
    dataset = rows(y, groups)
    splitter = make_splitter(dataset, name, n_splits=3, n_repeats=n_repeats)
    assert type(splitter) is expected
    splits = folds(dataset, splitter)
    assert len(splits) == 3 * n_repeats
    tested = np.concatenate([validation for _, validation in splits])
    assert np.bincount(tested).tolist() == [n_repeats] * 30


def test_stratified_folds_have_the_classes_in_proportion():
    dataset = rows(CLASSES)
    for _, validation in folds(dataset, make_splitter(dataset, n_splits=5)):
        assert dataset.y.iloc[validation].value_counts().to_dict() == {"often": 4, "seldom": 2}


@pytest.mark.parametrize(
    ("y", "expected"), [(CLASSES, StratifiedShuffleSplit), (NUMBERS, ShuffleSplit)]
)
def test_a_holdout_is_one_split_of_the_size_of_a_fold(y, expected):
    dataset = rows(y)
    splitter = make_splitter(dataset, "holdout", n_splits=5)
    assert type(splitter) is expected
    ((_, validation),) = folds(dataset, splitter)
    assert len(validation) == 6
    if y is CLASSES:
        assert y.iloc[validation].value_counts().to_dict() == {"often": 4, "seldom": 2}


@pytest.mark.parametrize("y", [CLASSES, NUMBERS], ids=["classification", "regression"])
def test_grouped_folds_keep_groups_together(y):
    dataset = rows(y, GROUPS)
    for train, validation in folds(dataset, make_splitter(dataset, n_splits=3)):
        assert not set(GROUPS.iloc[train]) & set(GROUPS.iloc[validation])


@pytest.mark.parametrize(
    ("name", "y", "groups"),
    [
        ("kfold", NUMBERS, None),
        ("stratified", CLASSES, None),
        ("repeated", CLASSES, None),
        ("holdout", CLASSES, None),
        ("holdout", NUMBERS, None),
        ("grouped", CLASSES, GROUPS),
        ("grouped", NUMBERS, GROUPS),
    ],
)
def test_the_seed_decides_the_shuffle(name, y, groups):
    dataset = rows(y, groups)

    def drawn(seed):
        splitter = make_splitter(dataset, name, random_state=seed)
        return [validation.tolist() for _, validation in folds(dataset, splitter)]

    assert drawn(0) == drawn(0)
    assert any(drawn(0) != drawn(seed) for seed in (1, 2, 3))
    assert any(validation != list(range(10)) for validation in drawn(0))


def test_repeats_draw_other_folds():
    dataset = rows(CLASSES)
    splits = folds(dataset, make_splitter(dataset, n_splits=3, n_repeats=2))
    first, second = ([set(v) for _, v in splits[start : start + 3]] for start in (0, 3))
    assert all(fold not in first for fold in second)


@pytest.mark.parametrize(
    ("label", "written"), [("rare", "'rare'"), (7, "7"), (True, "True")], ids=str
)
@pytest.mark.parametrize("name", ["auto", "stratified", "repeated", "holdout"])
def test_class_with_fewer_rows_than_folds(label, written, name):
    other = {"rare": "common", 7: 5, True: False}[label]
    dataset = rows(pd.Series([other] * 28 + [label] * 2))
    message = (
        rf"The class {written} has 2 rows to develop on, fewer than the 3 folds; give fewer folds "
        "or more rows of it"
    )
    with pytest.raises(InputError, match=message):
        make_splitter(dataset, name, n_splits=3)
    n_splits = 1 if name == "holdout" else 2
    assert make_splitter(dataset, name, n_splits=2).get_n_splits() == n_splits


def test_counts_that_were_taken_for_classes():
    dataset = rows(pd.Series([0] * 15 + [1] * 14 + [8]))
    with pytest.raises(
        InputError, match=r"class 8 has 1 row to .* of it, or give task=regression if"
    ):
        make_splitter(dataset)


def test_class_with_fewer_rows_than_folds_does_not_matter_unstratified():
    dataset = rows(pd.Series(["common"] * 28 + ["rare"] * 2))
    assert make_splitter(dataset, "kfold", n_splits=3).get_n_splits() == 3


def test_fewer_groups_than_folds():
    dataset = rows(NUMBERS, GROUPS % 2)
    with pytest.raises(InputError, match="There are 2 groups to develop on, fewer than the 3 fold"):
        make_splitter(dataset, n_splits=3)
    assert make_splitter(dataset, n_splits=2).get_n_splits() == 2


def test_grouped_without_groups():
    with pytest.raises(InputError, match="'grouped' needs the column of the groups; name it with"):
        make_splitter(rows(CLASSES), "grouped")


@pytest.mark.parametrize("n_splits", [1, 0, -3])
def test_too_few_folds(n_splits):
    with pytest.raises(InputError, match=f"folds must be 2 or more, but it is {n_splits}"):
        make_splitter(rows(CLASSES), n_splits=n_splits)


@pytest.mark.parametrize("name", ["auto", "repeated", "kfold"])
@pytest.mark.parametrize("n_repeats", [0, -1])
def test_too_few_repeats(name, n_repeats):
    with pytest.raises(InputError, match=f"repeats must be 1 or more, but it is {n_repeats}"):
        make_splitter(rows(CLASSES), name, n_repeats=n_repeats)


@pytest.mark.parametrize("name", ["kfold", "stratified", "grouped"])
def test_repeats_with_a_splitter_that_does_not_repeat(name):
    message = f"repeats=2 needs the splitter 'repeated', but it is '{name}'; leave one out"
    with pytest.raises(InputError, match=message):
        make_splitter(rows(CLASSES, GROUPS), name, n_repeats=2)


def test_repeats_and_groups():
    with pytest.raises(InputError, match=r"repeats=2 needs .* but it is 'grouped'"):
        make_splitter(rows(CLASSES, GROUPS), n_repeats=2)


def test_stratified_regression():
    with pytest.raises(InputError, match="'stratified' needs classes, but the task is regression"):
        make_splitter(rows(NUMBERS), "stratified")


def test_too_few_rows():
    dataset = rows(NUMBERS)
    dataset = replace(dataset, X=dataset.X.head(4), y=dataset.y.head(4))
    with pytest.raises(InputError, match="4 rows cannot make 5 folds; give fewer folds"):
        make_splitter(dataset, n_splits=5)
    assert len(folds(dataset, make_splitter(dataset, n_splits=4))) == 4


@pytest.mark.parametrize(
    ("name", "suggestion"), [("stratifyed", r" \(did you mean 'stratified'\?\)"), ("zzz", "")]
)
def test_unknown_splitter(name, suggestion):
    message = f"no splitter '{name}'{suggestion}; choose one of auto, kfold, stratified, repeated"
    with pytest.raises(InputError, match=message):
        make_splitter(rows(CLASSES), name)


@pytest.mark.parametrize("name", ["kfold", "stratified", "repeated", "holdout"])
def test_groups_are_not_torn_apart_silently(name):
    X = pd.DataFrame({"a": range(12)})
    dataset = Dataset(
        "boxes",
        X,
        pd.Series(["x", "y"] * 6),
        "classification",
        "table",
        "made up",
        groups=pd.Series(list("aabbccddeeff")),
    )
    with pytest.raises(InputError, match=f"{name!r} would tear groups apart.*use 'grouped'"):
        make_splitter(dataset, name)


def test_time_validates_on_later_rows():
    dataset = replace(rows(CLASSES), times=pd.Series(range(30)))
    splitter = make_splitter(dataset, n_splits=4)
    assert type(splitter) is TimeSplit
    splits = [*splitter.split(dataset.X)]
    assert [len(validation) for _, validation in splits] == [6] * 4
    assert all(train.max() < validation.min() for train, validation in splits)


def test_rows_of_one_time_stay_together():
    times = pd.Series(np.repeat(pd.date_range("2026-01-01", periods=4), [3, 12, 5, 10]))
    splitter = make_splitter(replace(rows(CLASSES), times=times), n_splits=2)
    splits = [*splitter.split(CLASSES)]
    assert [(len(train), len(validation)) for train, validation in splits] == [(3, 17), (20, 10)]
    assert all(times[train].max() < times[validation].min() for train, validation in splits)
    assert splitter.get_n_splits() == 2


@pytest.mark.parametrize("sizes", [[30], [11, 19], [2, 27, 1]])
def test_times_with_too_many_rows(sizes):
    times = pd.Series(np.repeat(np.arange(len(sizes)), sizes))
    with pytest.raises(InputError, match=f"the same of {len(sizes)} times for 2 folds; give fewer"):
        make_splitter(replace(rows(CLASSES), times=times), n_splits=2)


@pytest.mark.parametrize("name", ["kfold", "stratified", "holdout"])
def test_times_are_not_mixed_silently(name):
    with pytest.raises(
        InputError, match=f"{name!r} would train on rows that are later.*use 'time'"
    ):
        make_splitter(replace(rows(CLASSES), times=pd.Series(range(30))), name)


def test_time_without_times():
    with pytest.raises(InputError, match="'time' needs the column of the times; name it with time"):
        make_splitter(rows(CLASSES), "time")


@pytest.mark.parametrize("name", ["kfold", "stratified", "repeated", "holdout"])
def test_duplicates_stay_together(name):
    copies = pd.Series([*range(30), *[0] * 9, *[29] * 9])
    dataset = Dataset(
        "rows",
        pd.DataFrame({"x": copies}),
        CLASSES[copies].reset_index(drop=True),
        "classification",
        "table",
        "made up",
        duplicates_together=True,
    )
    splitter = make_splitter(dataset, name, n_splits=3)
    assert type(splitter) is DistinctRows
    for train, validation in folds(dataset, splitter):
        assert not set(copies[train]) & set(copies[validation])
        assert len(set(copies[validation])) == 10
    assert len(folds(dataset, splitter)) == splitter.get_n_splits()
