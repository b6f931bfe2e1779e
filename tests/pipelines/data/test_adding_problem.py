from __future__ import annotations

import numpy as np
import pytest

from pipelines.data import load_dataset


@pytest.mark.parametrize("n_steps", [50, 100, 200, 400])
def test_the_target_is_the_sum_of_the_marked_numbers(n_steps):
    dataset = load_dataset(f"adding_{n_steps}")
    numbers, marks = np.moveaxis(dataset.sequences, 2, 0)
    assert numbers.shape == (6000, n_steps)
    np.testing.assert_allclose((numbers * marks).sum(axis=1), dataset.y, rtol=1e-6)
    for half in np.split(marks, 2, axis=1):  # one mark in each half
        assert (half.sum(axis=1) == 1).all()


def test_always_saying_one_has_the_published_error():
    y = load_dataset("adding_100").y
    assert ((y - 1) ** 2).mean() == pytest.approx(1 / 6, abs=0.01)


def test_it_is_the_same_every_time():
    assert load_dataset("adding_50").digest == load_dataset("adding_50").digest
