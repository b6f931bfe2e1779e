from __future__ import annotations

import re

import keras
import numpy as np
import pytest

from estimators import KerasMLPRegressor, RuleWarning
from estimators.engine.cache import PROGRAMS
from estimators.techniques.schedule import RATE_SCHEDULES

SCHEDULED = [name for name in RATE_SCHEDULES if name != "constant"]
ROUNDING = {"rtol": 1e-4, "atol": 5e-6}
X = np.random.default_rng(0).normal(size=(43, 3))
Y = X[:, 0] * X[:, 1]


def make(engine="uncompiled", **params):
    settings = {"batch_size": 16, "epochs": 4, "random_state": 0, "learning_rate": 0.1}
    return KerasMLPRegressor((4,), optimizer="sgd", engine=engine, **{**settings, **params})


def assert_same_weights(first, second):
    for one, other in zip(first.model_.get_weights(), second.model_.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, **ROUNDING)


@pytest.mark.parametrize(
    ("params", "shares"),
    [
        ({"learning_rate_schedule": "cosine"}, [1, 0.5 + 0.5**1.5, 0.5, 0.5 - 0.5**1.5]),
        ({"warmup_fraction": 0.5}, [0, 0.5, 1, 1]),
        ({"learning_rate_schedule": "cosine", "warmup_fraction": 0.5}, [0, 0.5, 1, 0.5]),
    ],
    ids=str,
)
@pytest.mark.parametrize("engine", ["uncompiled", "keras"])
def test_four_steps_by_hand(linear, params, shares, engine):
    weights = linear.weights()
    for share in shares:
        weights = [
            weight - 0.2 * share * gradient
            for weight, gradient in zip(weights, linear.gradients(weights), strict=True)
        ]
    fitted = linear.fitted(epochs=4, learning_rate=0.2, engine=engine, **params)
    for actual, expected in zip(fitted, weights, strict=True):
        np.testing.assert_allclose(actual, expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("engine", ["uncompiled", "compiled"])
@pytest.mark.parametrize("name", SCHEDULED)
def test_trained_as_model_fit_does(name, engine):
    trained = make(engine, learning_rate_schedule=name).fit(X, Y)
    reference = make("keras", learning_rate_schedule=name).fit(X, Y)
    assert_same_weights(trained, reference)
    for one, other in zip(
        trained.model_.optimizer.variables, reference.model_.optimizer.variables, strict=True
    ):
        np.testing.assert_allclose(one.numpy(), other.numpy(), **ROUNDING)
    plain = make(engine).fit(X, Y)
    assert not np.allclose(plain.model_.get_weights()[0], trained.model_.get_weights()[0])


@pytest.mark.parametrize("engine", ["uncompiled", "keras"])
def test_the_rate_of_callbacks_is_scheduled(engine):
    """A callback that halves the rate from the second epoch on halves what the schedule gives."""
    halving = keras.callbacks.LearningRateScheduler(lambda epoch: 0.1 if epoch == 0 else 0.05)
    model = make(engine, learning_rate_schedule="cosine", epochs=2, callbacks=[halving]).fit(X, Y)
    steps = np.arange(6)
    rates = 0.1 * (1 + np.cos(np.pi * steps / 6)) / 2 * np.where(steps < 3, 1, 0.5)
    schedule = keras.optimizers.schedules.PiecewiseConstantDecay([*range(5)], rates.tolist())
    assert_same_weights(model, make(engine, learning_rate=schedule, epochs=2).fit(X, Y))
    assert float(model.model_.optimizer.learning_rate) == pytest.approx(0.05)


def test_all_schedules_share_a_program():
    PROGRAMS.clear()
    losses = {
        make(learning_rate_schedule=name, warmup_fraction=fraction).fit(X, Y).loss_
        for name, fraction in (("constant", 0), ("constant", 0.1), ("cosine", 0), ("cosine", 0.1))
    }
    assert len(losses) == 4
    assert len(PROGRAMS) == 1
    PROGRAMS.clear()


@pytest.mark.parametrize("engine", ["uncompiled", "keras"])
def test_partial_fits_are_a_fit(engine):
    model = make(engine, learning_rate_schedule="coslog4")
    for _ in range(4):
        model.partial_fit(X, Y)
    whole = make(engine, learning_rate_schedule="coslog4").fit(X, Y)
    np.testing.assert_equal(model.model_.get_weights(), whole.model_.get_weights())


def test_partial_fit_ends_with_the_schedule():
    model = make(learning_rate_schedule="cosine").fit(X, Y)
    before = model.model_.get_weights()
    sentence = "partial_fit cannot go on beyond the end of a schedule, which is after as many"
    with pytest.raises(ValueError, match=sentence):
        model.partial_fit(X, Y)
    np.testing.assert_equal(model.model_.get_weights(), before)
    model.set_params(learning_rate_schedule="constant").partial_fit(X, Y)
    assert model.n_iter_ == 5
    assert not np.array_equal(model.model_.get_weights()[0], before[0])


def test_warm_up_alone_has_no_end():
    model = make(warmup_fraction=0.5).fit(X, Y)
    assert model.partial_fit(X, Y).n_iter_ == 5


def test_a_warm_fit_has_a_schedule_of_its_own():
    model = make(learning_rate_schedule="cosine", warm_start=True).fit(X, Y).fit(X, Y)
    twice = np.tile(0.1 * (1 + np.cos(np.pi * np.arange(12) / 12)) / 2, 2)
    schedule = keras.optimizers.schedules.PiecewiseConstantDecay([*range(23)], twice.tolist())
    assert_same_weights(model, make(learning_rate=schedule, epochs=8).fit(X, Y))


@pytest.mark.parametrize(
    ("params", "named"),
    [
        ({"learning_rate_schedule": "cosine"}, "learning_rate_schedule='cosine'"),
        ({"warmup_fraction": 0.1}, "warmup_fraction=0.1"),
    ],
    ids=str,
)
def test_not_under_a_schedule_of_keras(params, named):
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 5, 0.5)
    sentence = (
        f"The 'learning_rate' parameter of KerasMLPRegressor must be a number under {named}. Got a "
        "ExponentialDecay: give the largest rate instead, or leave the schedule to Keras."
    )
    with pytest.raises(ValueError, match=re.escape(sentence)):
        make(learning_rate=schedule, **params).fit(X, Y)


def test_warm_up_before_a_low_rate_warns():
    sentence = "learning_rate_schedule='coslog4' begins low once more; leave warmup_fraction at 0.0"
    with pytest.warns(RuleWarning, match=sentence):
        make(learning_rate_schedule="coslog4", warmup_fraction=0.1).fit(X, Y)


def test_misspelt():
    with pytest.raises(ValueError, match="Did you mean 'cosine'"):
        make(learning_rate_schedule="cosin").fit(X, Y)
