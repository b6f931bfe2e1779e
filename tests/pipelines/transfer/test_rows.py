from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
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


def test_a_rare_class_is_among_them_too():
    y = pd.Series(["common"] * 90 + ["less"] * 9 + ["rare"])
    target = SimpleNamespace(task="classification", y=y)
    order = random_order(target, np.arange(100), seed=0)
    assert sorted(y.iloc[order[:3]]) == ["common", "less", "rare"]
    assert y.iloc[order[:22]].value_counts().to_dict() == {"common": 19, "less": 2, "rare": 1}


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
