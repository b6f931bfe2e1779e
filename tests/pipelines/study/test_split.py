from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.model_selection import train_test_split

from pipelines.study import StudySplit, design_for, rows_in_range, split_dataset
from pipelines.study.split import SplitRule


def disjoint(rows):
    return len(set().union(*map(set, rows))) == sum(map(len, rows))


def published(dataset, **how):
    return split_dataset(dataset, design_for(dataset).split, **how)


def in_range(dataset, rows):
    return rows_in_range(dataset, rows, far_deviations=100)


def test_california_housing(housing):
    """The published split: both times a quarter, both times with seed 42."""
    rows = published(housing, random_state=7)
    assert [len(part) for part in rows] == [11_610, 3_870, 5_160]
    X_full, X_test = train_test_split(housing.X, random_state=42)
    X_train, X_validation = train_test_split(X_full, random_state=42)
    for part, expected in zip(rows, (X_train, X_validation, X_test), strict=True):
        assert housing.X.iloc[part].equals(expected)


def test_three_validation_rows_of_california_housing_are_far_outside(housing):
    rows = published(housing)
    far = set(rows.validation) - set(in_range(housing, rows))
    assert far == {3364, 16669, 19006}
    assert housing.X["AveOccup"].iloc[sorted(far)].min() > 400


def test_fashion_mnist(fashion):
    rows = published(fashion)
    for part, (start, stop) in zip(
        rows, [(0, 54_000), (54_000, 60_000), (60_000, 70_000)], strict=True
    ):
        assert np.array_equal(part, np.arange(start, stop))
    assert np.array_equal(in_range(fashion, rows), rows.validation)


class TestRules:
    def test_a_share_twice_at_random(self, diabetes):
        split = split_dataset(diabetes, SplitRule(0.25, 0.25, random_state=42))
        rest, test = train_test_split(np.arange(len(diabetes.X)), random_state=42)
        train, validation = train_test_split(rest, random_state=42)
        for part, expected in zip(split, (train, validation, test), strict=True):
            assert np.array_equal(part, expected)

    def test_the_official_test_set_and_the_last_of_the_others(self, diabetes):
        official = replace(diabetes, X=diabetes.X[:100], y=diabetes.y[:100])
        official = replace(official, test_rows=np.arange(40, 60))
        split = split_dataset(official, SplitRule(None, 0.1, random_state=None))
        assert np.array_equal(split.test, np.arange(40, 60))
        assert np.array_equal(split.validation, np.arange(92, 100))
        assert np.array_equal(split.train, [*range(40), *range(60, 92)])


class TestOtherData:
    def test_shares_and_classes(self, iris):
        rows = split_dataset(iris, test_size=0.2, random_state=0)
        assert [len(part) for part in rows] == [96, 24, 30]
        assert disjoint(rows)
        for part in rows:
            assert iris.y.iloc[part].value_counts().nunique() == 1

    def test_it_is_seeded(self, diabetes):
        first, again, other = (split_dataset(diabetes, random_state=seed) for seed in (0, 0, 1))
        assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
        assert not np.array_equal(first.test, other.test)

    def test_row_labels_do_not_matter(self, diabetes):
        labelled = replace(diabetes, X=diabetes.X.set_axis([7] * len(diabetes.X), axis=0))
        for a, b in zip(split_dataset(diabetes), split_dataset(labelled), strict=True):
            assert np.array_equal(a, b)

    def test_groups_stay_together(self, diabetes):
        groups = (np.arange(len(diabetes.X)) // 10).astype(str)
        grouped = replace(diabetes, groups=diabetes.y.__class__(groups, index=diabetes.y.index))
        rows = split_dataset(grouped)
        sides = [set(groups[part]) for part in rows]
        assert disjoint(sides)


class TestRowsInRange:
    @pytest.fixture
    def rows(self):
        return StudySplit(np.arange(100), np.arange(100, 110), np.arange(110, 120))

    def table(self, diabetes, values):
        X = diabetes.X.iloc[:120, :2].copy()
        X.iloc[:100, 0] = np.tile([1.0, -1.0], 50)
        X.iloc[100:, 0] = 0.0
        for row, value in values.items():
            X.iloc[row, 0] = value
        return replace(diabetes, X=X)

    def test_a_hundred_deviations_are_far(self, diabetes, rows):
        found = in_range(self.table(diabetes, {103: 102.0, 105: -102.0, 107: 95.0}), rows)
        assert set(rows.validation) - set(found) == {103, 105}

    def test_test_rows_are_not_judged(self, diabetes, rows):
        assert len(in_range(self.table(diabetes, {115: 1e9}), rows)) == 10

    def test_pixels_never_are(self, diabetes, rows):
        image = replace(self.table(diabetes, {103: 102.0}), kind="image")
        assert np.array_equal(in_range(image, rows), rows.validation)

    def test_a_column_without_spread_has_no_far_rows(self, diabetes, rows):
        dataset = self.table(diabetes, {})
        dataset.X.iloc[:100, 0] = 5.0
        assert len(in_range(dataset, rows)) == 10
