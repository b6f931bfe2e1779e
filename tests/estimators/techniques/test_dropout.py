from __future__ import annotations

import numpy as np
import pytest

from estimators import KerasMLPRegressor
from estimators.engine.cache import PROGRAMS

X = np.random.default_rng(0).normal(size=(43, 3))
Y = X[:, 0] * X[:, 1]


def make(engine="uncompiled", **params):
    settings = {"batch_size": 64, "epochs": 4, "random_state": 0, "dropout": 0.4}
    return KerasMLPRegressor((8,), engine=engine, **{**settings, **params})


def test_steps_have_the_dropout_of_the_schedule():
    """One step an epoch; draws and shares are those of fits with that dropout all the time."""
    model = make(dropout_schedule="flat_cosine", learning_rate=1e-12).fit(X, Y)
    for epoch, dropout in enumerate([0.4, 0.4, 0.4, 0.2]):
        constant = make(dropout=dropout, learning_rate=1e-12).fit(X, Y)
        assert model.history_["loss"][epoch] == pytest.approx(
            constant.history_["loss"][epoch], rel=1e-6
        )
    assert constant.history_["loss"][:3] != pytest.approx(model.history_["loss"][:3], rel=1e-3)


@pytest.mark.parametrize("activation", ["relu", "selu"])
@pytest.mark.filterwarnings("ignore::estimators.RuleWarning")
def test_compiled_as_uncompiled(activation):
    fits = [
        make(engine, activation=activation, batch_size=16, dropout_schedule="flat_cosine").fit(X, Y)
        for engine in ("compiled", "uncompiled")
    ]
    pairs = zip(*(fit.model_.get_weights() for fit in fits), strict=True)
    for one, other in pairs:
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=5e-6)


def test_schedules_share_a_program():
    PROGRAMS.clear()
    first, second = (
        make(dropout_schedule=name).fit(X, Y).history_ for name in ("constant", "flat_cosine")
    )
    assert first != second
    assert len(PROGRAMS) == 1
    PROGRAMS.clear()


def test_model_fit_cannot_schedule_it():
    reason = "dropout_schedule='flat_cosine' changes the dropout of each step; use 'auto'"
    with pytest.raises(ValueError, match=reason):
        make("keras", dropout_schedule="flat_cosine").fit(X, Y)


def test_a_schedule_without_dropout_needs_no_engine():
    model = make("keras", dropout=0.0, dropout_schedule="flat_cosine").fit(X, Y)
    plain = make("keras", dropout=0.0).fit(X, Y)
    np.testing.assert_equal(model.model_.get_weights(), plain.model_.get_weights())
