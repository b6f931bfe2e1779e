from __future__ import annotations

import keras
import numpy as np
import pytest

from estimators import KerasMLPRegressor

ROUNDING = {"rtol": 1e-4, "atol": 5e-6}
X = np.random.default_rng(0).normal(size=(43, 3))
Y = X[:, 0] * X[:, 1]
SCHEDULES = keras.optimizers.schedules


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
