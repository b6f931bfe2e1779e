from __future__ import annotations

import numpy as np
import pytest

from pipelines.transfer.rows import numbered_split, numbers_of_rows, random_order


def test_every_class_is_among_the_first_rows(tables):
    target = tables("classes", classes=True)
    pool = np.arange(100)
    order = random_order(target, pool, seed=3)
    assert sorted(order) == pool.tolist()
    shares = target.y.iloc[pool].value_counts(normalize=True)
    for n_rows in (4, 10, 50):
        first = target.y.iloc[order[:n_rows]].value_counts()
        for label, share in shares.items():
            assert first[label] == pytest.approx(share * n_rows, abs=1.01)


@pytest.mark.parametrize("classes", [False, True])
def test_the_seed_decides(tables, classes):
    target, pool = tables("it", classes=classes), np.arange(40, 90)
    first = random_order(target, pool, 0)
    np.testing.assert_array_equal(random_order(target, pool, 0), first)
    assert not np.array_equal(random_order(target, pool, 1), first)
    assert sorted(first) == pool.tolist()


def test_numbers_of_rows_grow_and_are_enough_for_the_classes(tables):
    assert numbers_of_rows(tables("it"), 100, [1.0, 0.1, 0.1, 0.001]) == [2, 10, 100]
    assert numbers_of_rows(tables("it", classes=True), 100, [0.001, 0.5]) == [4, 50]


def test_rows_are_numbered_and_held_out(tables):
    target = tables("it")
    target.X.index += 1000
    target.y.index += 1000
    numbered, pool, test = numbered_split(target, 0.2, 0)
    assert len(test) == 30
    assert sorted([*pool, *test]) == list(range(150))
    np.testing.assert_array_equal(numbered.X.to_numpy(), target.X.to_numpy())
