from __future__ import annotations

import re

import numpy as np
import pytest

from estimators import KerasMLPRegressor

X = np.random.default_rng(0).normal(size=(43, 3))
Y = X[:, 0] * X[:, 1]
FACTORS = {"bias": 0.5, "kernel": 2.0}


def make(engine="uncompiled", **params):
    settings = {"batch_size": 16, "epochs": 3, "random_state": 0, "learning_rate": 0.05}
    return KerasMLPRegressor((5, 4), "prelu", engine=engine, **{**settings, **params})


def test_two_steps_by_hand(linear):
    """The decay is a fraction of the rate, so it has the factor as well."""
    weights = linear.weights()
    for _ in range(2):
        weights = [
            weight - 0.1 * factor * (0.5 * weight + gradient)
            for weight, gradient, factor in zip(
                weights, linear.gradients(weights), (2.0, 0.5), strict=True
            )
        ]
    fitted = linear.fitted(
        epochs=2, learning_rate=0.1, weight_decay=0.5, learning_rate_factors=FACTORS
    )
    for actual, expected in zip(fitted, weights, strict=True):
        np.testing.assert_allclose(actual, expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("optimizer", ["adamw", "nadam", "rmsprop"])
def test_compiled_as_uncompiled(optimizer):
    settings = {"optimizer": optimizer, "learning_rate_factors": {**FACTORS, "activation": 0.1}}
    pairs = zip(
        make("compiled", **settings).fit(X, Y).model_.get_weights(),
        make("uncompiled", **settings).fit(X, Y).model_.get_weights(),
        strict=True,
    )
    for one, other in pairs:
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=5e-6)


@pytest.mark.parametrize("kind", ["kernel", "bias", "activation"])
def test_a_factor_of_0_leaves_a_kind_as_it_is(kind):
    """Slopes and biases are one array to the engine, and still have factors of their own."""
    model = make(learning_rate_factors={kind: 0}, weight_decay=0.1)
    before = model.initialize(X, Y).model_.get_weights()
    after = model.fit(X, Y).model_.get_weights()
    names = ["kernel", "bias", "activation", "kernel", "bias", "activation", "kernel", "bias"]
    for name, one, other in zip(names, before, after, strict=True):
        assert np.array_equal(one, other) is (name == kind)


@pytest.mark.parametrize("factors", [None, {}, {"bias": 1.0, "scale": 1}], ids=str)
def test_factors_of_1_change_nothing(factors):
    """Nor do they need the engine."""
    model = make("keras", learning_rate_factors=factors).fit(X, Y)
    np.testing.assert_equal(
        model.model_.get_weights(), make("keras").fit(X, Y).model_.get_weights()
    )


@pytest.mark.parametrize(
    "factors", [{"biases": 1.0}, {"bias": -1.0}, {"bias": "0.1"}, {"bias": True}]
)
def test_what_is_no_factor(factors):
    sentence = (
        "The 'learning_rate_factors' parameter of KerasMLPRegressor must have numbers of 0 or more "
        "by kind of weight, which is one of kernel, bias, activation, scale, embedding. Got "
        f"{factors!r}."
    )
    with pytest.raises(ValueError, match=re.escape(sentence)):
        make(learning_rate_factors=factors).fit(X, Y)


def test_model_fit_has_none():
    with pytest.raises(ValueError, match="engine='keras' cannot train this, for learning_rate_fac"):
        make("keras", learning_rate_factors=FACTORS).fit(X, Y)
