from __future__ import annotations

import keras
import numpy as np
import pytest

from estimators import KerasMLPRegressor
from estimators.engine.trainer import row_order

ROUNDING = {"rtol": 1e-4, "atol": 5e-6}
X = np.random.default_rng(0).normal(size=(43, 3))
Y = X[:, 0] * X[:, 1]
SCHEDULES = keras.optimizers.schedules


def test_order_is_of_seed_and_epoch_alone():
    orders = [row_order(20, seed, epoch).tolist() for seed in (0, 1) for epoch in (0, 1)]
    assert all(sorted(order) == list(range(20)) for order in orders)
    assert len({tuple(order) for order in orders}) == 4
    np.random.default_rng().random()
    assert row_order(20, 1, 1).tolist() == orders[-1]


def test_no_seed_keeps_the_rows_in_place():
    assert row_order(5, None, 3).tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    "schedule",
    [
        SCHEDULES.ExponentialDecay(0.1, 5, 0.5, staircase=True),
        SCHEDULES.PiecewiseConstantDecay([3, 9], [0.1, 0.01, 0.2]),
        SCHEDULES.CosineDecay(0.0, 10, warmup_target=0.1, warmup_steps=4),
        SCHEDULES.CosineDecayRestarts(0.1, 4),
        SCHEDULES.PolynomialDecay(0.1, 6, cycle=True),
        SCHEDULES.InverseTimeDecay(0.1, 3, 0.5),
    ],
    ids=lambda schedule: type(schedule).__name__,
)
def test_schedules_are_those_of_model_fit(schedule):
    """Step by step, over the epochs and over several fits."""

    def fit(engine):
        model = KerasMLPRegressor(
            (4,),
            optimizer="sgd",
            learning_rate=schedule,
            batch_size=16,
            epochs=3,
            random_state=0,
            engine=engine,
        ).fit(X, Y)
        return model.partial_fit(X, Y)

    one, other = fit("uncompiled"), fit("keras")
    pairs = zip(one.model_.get_weights(), other.model_.get_weights(), strict=True)
    for ours, theirs in pairs:
        np.testing.assert_allclose(ours, theirs, **ROUNDING)
    assert int(one.model_.optimizer.iterations) == int(other.model_.optimizer.iterations) == 12
