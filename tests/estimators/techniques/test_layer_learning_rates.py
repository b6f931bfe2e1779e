from __future__ import annotations

import re

import numpy as np
import pytest

from estimators import KerasMLPRegressor
from estimators.techniques import REGRESSOR_TECHNIQUES, defaults, resolve

X = np.random.default_rng(0).normal(size=(43, 3)).astype("float32")
Y = X[:, 0] * X[:, 1]


def make(engine="uncompiled", **params):
    settings = {"batch_size": 43, "epochs": 1, "random_state": 0, "learning_rate": 0.5}
    sgd = {"optimizer": "sgd", "momentum": 0.0, "shuffle": False}
    return KerasMLPRegressor((5, 4), engine=engine, **{**settings, **sgd, **params})


def steps(**params):
    """By how much a step of gradient descent moves each weight array."""
    model = make(**params)
    before = model.initialize(X, Y).model_.get_weights()
    after = model.fit(X, Y).model_.get_weights()
    return [later - earlier for earlier, later in zip(before, after, strict=True)]


@pytest.mark.parametrize(
    ("rates", "factors"),
    [(0.5, (0.25, 0.5, 1)), ([0, 0.3], (0, 0.3, 1)), (np.array([0.1, 1.0]), (0.1, 1, 1))],
    ids=["a factor", "a list", "an array"],
)
def test_a_step_is_as_much_shorter(rates, factors):
    of_weights = [factor for factor in factors for _ in ("kernel", "bias")]
    pairs = zip(steps(layer_learning_rates=rates), steps(), of_weights, strict=True)
    for step, whole, factor in pairs:
        np.testing.assert_allclose(step, factor * whole, rtol=1e-3, atol=1e-6)


def test_both_factors_count():
    both = {"layer_learning_rates": 0.5, "learning_rate_factors": {"bias": 0.1}}
    factors = (0.25, 0.025, 0.5, 0.05, 1, 0.1)
    for step, whole, factor in zip(steps(**both), steps(), factors, strict=True):
        np.testing.assert_allclose(step, factor * whole, rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize("optimizer", ["adamw", "rmsprop"])
def test_compiled_as_uncompiled(optimizer):
    settings = {"optimizer": optimizer, "layer_learning_rates": 1 / 2.6, "epochs": 3}
    settings |= {"batch_size": 16, "learning_rate": 0.01, "batch_norm": "before_dense"}
    pairs = zip(
        make("compiled", **settings).fit(X, Y).model_.get_weights(),
        make("uncompiled", **settings).fit(X, Y).model_.get_weights(),
        strict=True,
    )
    for one, other in pairs:
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=5e-6)


@pytest.mark.parametrize("rates", [1, 1.0, [1, 1.0]], ids=repr)
def test_factors_of_1_are_for_model_fit_too(rates):
    fitted = make("keras", layer_learning_rates=rates).fit(X, Y)
    plain = make("keras").fit(X, Y)
    np.testing.assert_equal(fitted.model_.get_weights(), plain.model_.get_weights())


def test_model_fit_cannot():
    with pytest.raises(ValueError, match="cannot train this, for layer_learning_rates are not Ker"):
        make("keras", layer_learning_rates=0.5).fit(X, Y)


def test_resolved():
    params = {**defaults(REGRESSOR_TECHNIQUES), "hidden_layer_sizes": (4, 3, 2)}
    resolved = resolve(REGRESSOR_TECHNIQUES, {**params, "layer_learning_rates": 0.5})
    assert resolved["layer_learning_rates"] == (0.125, 0.25, 0.5)
    again = resolve(REGRESSOR_TECHNIQUES, resolved)
    assert again["layer_learning_rates"] == (0.125, 0.25, 0.5)


@pytest.mark.parametrize(
    ("rates", "sentence"),
    [
        ([0.5], "must be one number, or one a hidden layer, 2. Got [0.5]."),
        ([-1, 0.5], "must hold numbers of 0 or more, one a hidden layer. Got -1 among [-1, 0.5]."),
        (["low", 1], "must hold numbers of 0 or more, one a hidden layer. Got 'low' among"),
    ],
)
def test_refused(rates, sentence):
    with pytest.raises(
        ValueError,
        match=re.escape(f"The 'layer_learning_rates' parameter of KerasMLPRegressor {sentence}"),
    ):
        make(layer_learning_rates=rates).fit(X, Y)
