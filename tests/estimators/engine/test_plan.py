from __future__ import annotations

import numpy as np
import pytest

from estimators.engine.plan import EpochPlan, row_order
from estimators.techniques import REGRESSOR_TECHNIQUES, defaults, resolve


def plan(scheduled=range(4), n_rows=50, **params):
    given = {**defaults(REGRESSOR_TECHNIQUES), "batch_size": 20, "learning_rate": 0.5, **params}
    resolved = resolve(REGRESSOR_TECHNIQUES, given)
    return EpochPlan(REGRESSOR_TECHNIQUES, resolved, n_rows, scheduled, seed=1)


def test_order_is_of_seed_and_epoch_alone():
    orders = [row_order(20, seed, epoch).tolist() for seed in (0, 1) for epoch in (0, 1)]
    assert all(sorted(order) == list(range(20)) for order in orders)
    assert len({tuple(order) for order in orders}) == 4
    np.random.default_rng().random()
    assert row_order(20, 1, 1).tolist() == orders[-1]


def test_no_seed_keeps_the_rows_in_place():
    assert row_order(5, None, 3).tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("shuffle", [False, True])
def test_rows_are_in_order_unless_shuffled(shuffle):
    order = plan(shuffle=shuffle).order(2)
    expected = row_order(50, 1 if shuffle else None, 2)
    np.testing.assert_array_equal(order, expected)


def test_values_are_those_of_the_hyperparameters():
    values = plan(dropout=0.1, weight_decay=0.2).values(3, 0.25)
    assert (values["dropout"], values["weight_decay"], values["learning_rate"]) == (0.1, 0.2, 0.25)


def test_values_of_the_steps_of_an_epoch():
    """Three steps an epoch, twelve in all; the last epoch has numbers 9 to 11."""
    scheduled = {
        "learning_rate_schedule": "cosine",
        "dropout_schedule": "flat_cosine",
        "weight_decay_schedule": "flat_cosine",
    }
    values = plan(range(2, 6), dropout=0.1, weight_decay=0.2, **scheduled).values(5, 0.5)
    t = np.array([9, 10, 11]) / 12
    np.testing.assert_allclose(values["learning_rate"], 0.5 * (1 + np.cos(np.pi * t)) / 2)
    flat = (1 + np.cos(np.pi * (2 * t - 1))) / 2
    np.testing.assert_allclose(values["dropout"], 0.1 * flat)
    np.testing.assert_allclose(values["weight_decay"], 0.2 * flat)
    assert values["momentum"] == 0.0


def test_a_rate_by_step_is_scheduled_step_by_step():
    values = plan(warmup_fraction=0.5).values(0, np.array([1.0, 2.0, 3.0]))
    np.testing.assert_allclose(values["learning_rate"], [0, 2 / 6, 6 / 6])


def test_no_epoch_after_the_end():
    with pytest.raises(ValueError, match="beyond the end of a schedule"):
        plan(learning_rate_schedule="cosine").values(4, 0.5)
    assert plan().values(4, 0.5)["learning_rate"] == 0.5
