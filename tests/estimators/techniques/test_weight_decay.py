from __future__ import annotations

import numpy as np
import pytest

from estimators import KerasMLPRegressor, RuleWarning

X = np.random.default_rng(0).normal(size=(43, 3))
Y = X[:, 0] * X[:, 1]


def make(engine="uncompiled", **params):
    settings = {"batch_size": 16, "epochs": 4, "random_state": 0, "weight_decay": 0.3}
    return KerasMLPRegressor((5,), "prelu", engine=engine, **{**settings, **params})


@pytest.mark.parametrize(
    ("params", "decays"),
    [
        ({}, [(0.5, 0.5)] * 4),
        ({"weight_decay_biases": False}, [(0.5, 0.0)] * 4),
        (
            {"weight_decay_schedule": "flat_cosine"},
            [(0.5, 0.5), (0.5, 0.5), (0.5, 0.5), (0.25, 0.25)],
        ),
    ],
    ids=str,
)
def test_four_steps_by_hand(linear, params, decays):
    params = {"bias_initializer": "ones", **params}
    weights = linear.weights()
    for decay in decays:
        weights = [
            weight - 0.1 * (share * weight + gradient)
            for weight, gradient, share in zip(
                weights, linear.gradients(weights), decay, strict=True
            )
        ]
    fitted = linear.fitted(epochs=4, learning_rate=0.1, weight_decay=0.5, **params)
    for actual, expected in zip(fitted, weights, strict=True):
        np.testing.assert_allclose(actual, expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    "params", [{"weight_decay_biases": False}, {"weight_decay_schedule": "flat_cosine"}], ids=str
)
def test_compiled_as_uncompiled(params):
    pairs = zip(
        make("compiled", **params).fit(X, Y).model_.get_weights(),
        make("uncompiled", **params).fit(X, Y).model_.get_weights(),
        strict=True,
    )
    for one, other in pairs:
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=5e-6)


def test_only_biases_are_spared():
    """Of what the engine has in one array, learned slopes decay."""
    fits = [
        make(epochs=1, batch_size=64, weight_decay_biases=decays, bias_initializer="ones").fit(X, Y)
        for decays in (True, False)
    ]
    pairs = zip(*(fit.model_.get_weights() for fit in fits), strict=True)
    # Kernel, bias and slopes of the hidden layer, kernel and bias (still 0) of the output.
    assert [np.array_equal(*pair) for pair in pairs] == [True, False, True, True, True]


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ({"weight_decay_biases": False}, "weight_decay_biases=False is not Keras'"),
        (
            {"weight_decay_schedule": "flat_cosine"},
            "weight_decay_schedule='flat_cosine' changes the decay of each step",
        ),
    ],
    ids=str,
)
def test_model_fit_cannot(params, reason):
    with pytest.raises(ValueError, match=f"engine='keras' cannot train this, for {reason}; use"):
        make("keras", **params).fit(X, Y)


@pytest.mark.parametrize(
    "params", [{"weight_decay_biases": False}, {"weight_decay_schedule": "flat_cosine"}], ids=str
)
def test_without_decay_they_have_no_effect(params):
    (name,) = params
    with pytest.warns(RuleWarning, match=f"{name} needs weight_decay above 0"):
        model = make("keras", weight_decay=0.0, **params).fit(X, Y)
    plain = make("keras", weight_decay=0.0).fit(X, Y)
    np.testing.assert_equal(model.model_.get_weights(), plain.model_.get_weights())
