"""By hand, with a linear model: one full batch, so one step an epoch, on a known gradient."""

from __future__ import annotations

import inspect

import keras
import numpy as np
import pytest

from estimators import KerasMLPRegressor, RuleWarning
from estimators.techniques import TECHNIQUES, defaults, resolve
from estimators.techniques.optimizer import OPTIMIZERS, make_optimizer

RNG = np.random.default_rng(0)
X = RNG.normal(size=(20, 3)).astype("float32")
Y = (X @ RNG.normal(size=(3, 2)) + 1).astype("float32")


def factory(name):
    """The Keras class."""
    return getattr(keras.optimizers, OPTIMIZERS[name].keras_class)


def made(name, **hyperparameters):
    """The Keras optimizer."""
    params = {**defaults(), "optimizer": name, **hyperparameters}
    return make_optimizer(resolve(TECHNIQUES, params), TECHNIQUES)


def linear(optimizer="sgd", **params):
    model = KerasMLPRegressor(
        hidden_layer_sizes=(),
        optimizer=optimizer,
        batch_size=len(X),
        shuffle=False,
        random_state=0,
        **params,
    )
    return model.initialize(X, Y)


def gradients(weights):
    """Of the mean squared error, for kernel and bias."""
    kernel, bias = weights
    error = X @ kernel + bias - Y
    return [2 / error.size * X.T @ error, 2 / error.size * error.sum(axis=0)]


def norm(*arrays):
    return np.sqrt(sum((array**2).sum() for array in arrays))


def shortened(array, longest, length):
    return array * min(1, longest / length)


NUMBERS = {"momentum": 0.25, "nesterov": True, "beta_1": 0.8, "beta_2": 0.95, "epsilon": 1e-3}

CLIPPINGS = {
    "clipvalue": lambda kernel, bias, bound: [
        np.clip(kernel, -bound, bound),
        np.clip(bias, -bound, bound),
    ],
    "clipnorm": lambda kernel, bias, bound: [
        shortened(kernel, bound, norm(kernel)),
        shortened(bias, bound, norm(bias)),
    ],
    "global_clipnorm": lambda kernel, bias, bound: [
        shortened(kernel, bound, norm(kernel, bias)),
        shortened(bias, bound, norm(kernel, bias)),
    ],
}


@pytest.mark.parametrize("clipping", CLIPPINGS)
def test_clipping(clipping):
    before = linear().model_.get_weights()
    kernel, bias = gradients(before)
    # Between the sizes, so that each kind of clipping does something of its own.
    bound = {"clipvalue": np.median(np.abs(kernel))}.get(clipping, (norm(kernel) + norm(bias)) / 2)
    expected = CLIPPINGS[clipping](kernel, bias, bound)
    assert not np.allclose(expected[0], kernel)
    model = linear(learning_rate=1.0, **{clipping: float(bound)}).partial_fit(X, Y)
    steps = [old - new for old, new in zip(before, model.model_.get_weights(), strict=True)]
    for step, gradient in zip(steps, expected, strict=True):
        np.testing.assert_allclose(step, gradient, rtol=1e-4, atol=1e-6)


def test_clippings_differ():
    """The test above tells them apart."""
    kernel, bias = gradients(linear().model_.get_weights())
    results = [np.concatenate(clip(kernel, bias, 0.3), axis=None) for clip in CLIPPINGS.values()]
    for index, result in enumerate(results):
        assert not np.allclose(result, results[index - 1])


@pytest.mark.parametrize("clipping", CLIPPINGS)
def test_small_gradients_are_not_clipped(clipping):
    free = linear(learning_rate=1.0).partial_fit(X, Y)
    bound = linear(learning_rate=1.0, **{clipping: 1e6}).partial_fit(X, Y)
    for one, other in zip(free.model_.get_weights(), bound.model_.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6)


def test_weight_decay_is_a_fraction_of_the_learning_rate():
    model = linear(learning_rate=0.1, weight_decay=0.5)
    weights = model.model_.get_weights()
    for _ in range(2):
        weights = [
            weight - 0.1 * 0.5 * weight - 0.1 * gradient
            for weight, gradient in zip(weights, gradients(weights), strict=True)
        ]
        model.partial_fit(X, Y)
    for actual, expected in zip(model.model_.get_weights(), weights, strict=True):
        np.testing.assert_allclose(actual, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("nesterov", [False, True])
def test_momentum(nesterov):
    model = linear(learning_rate=0.1, momentum=0.9, nesterov=nesterov)
    weights = model.model_.get_weights()
    velocities = [0.0, 0.0]
    for _ in range(3):
        slopes = gradients(weights)
        velocities = [0.9 * v - 0.1 * g for v, g in zip(velocities, slopes, strict=True)]
        steps = (
            [0.9 * v - 0.1 * g for v, g in zip(velocities, slopes, strict=True)]
            if nesterov
            else velocities
        )
        weights = [w + step for w, step in zip(weights, steps, strict=True)]
        model.partial_fit(X, Y)
    for actual, expected in zip(model.model_.get_weights(), weights, strict=True):
        np.testing.assert_allclose(actual, expected, rtol=1e-4, atol=1e-5)


def test_adam_with_moments_of_its_own():
    """Three steps by the formulas of the paper's algorithm 1."""
    settings = {"beta_1": 0.8, "beta_2": 0.95, "epsilon": 1e-8, "learning_rate": 0.1}
    model = linear("adam", epochs=3, **settings)
    weights = model.model_.get_weights()
    first = second = [np.zeros_like(weight) for weight in weights]
    for step in (1, 2, 3):
        slopes = gradients(weights)
        first = [0.8 * m + 0.2 * g for m, g in zip(first, slopes, strict=True)]
        second = [0.95 * v + 0.05 * g**2 for v, g in zip(second, slopes, strict=True)]
        weights = [
            w - 0.1 * (m / (1 - 0.8**step)) / (np.sqrt(v / (1 - 0.95**step)) + 1e-8)
            for w, m, v in zip(weights, first, second, strict=True)
        ]
    for actual, expected in zip(model.fit(X, Y).model_.get_weights(), weights, strict=True):
        np.testing.assert_allclose(actual, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("params", "needs"),
    [
        ({"beta_1": 0.8}, "beta_1 needs optimizer 'adam', 'adamw', 'adamax' or 'nadam'"),
        ({"beta_2": 0.95}, "beta_2 needs optimizer 'adam', 'adamw', 'adamax' or 'nadam'"),
        ({"epsilon": 1e-3}, "epsilon needs an optimizer other than 'sgd' and 'lion'"),
    ],
    ids=str,
)
def test_numbers_that_sgd_does_not_know(params, needs):
    with pytest.warns(RuleWarning, match=needs):
        linear("sgd", **params)


def test_learning_rate_schedule():
    schedule = keras.optimizers.schedules.ExponentialDecay(0.2, decay_steps=1, decay_rate=0.5)
    model = linear(learning_rate=schedule, epochs=3)
    weights = model.model_.get_weights()
    for rate in (0.2, 0.1, 0.05):
        weights = [w - rate * g for w, g in zip(weights, gradients(weights), strict=True)]
    for actual, expected in zip(model.fit(X, Y).model_.get_weights(), weights, strict=True):
        np.testing.assert_allclose(actual, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_trains(name):
    model = linear(name, learning_rate=0.01)
    error = np.mean((model.predict(X) - Y) ** 2)
    for _ in range(5):
        model.partial_fit(X, Y)
    assert np.mean((model.predict(X) - Y) ** 2) < error
    assert type(model.model_.optimizer) is factory(name)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_parameters_that_an_optimizer_knows(name):
    """The table says of each optimizer what its factory takes, with the same defaults."""
    known = {
        parameter: given.default
        for parameter, given in inspect.signature(factory(name).__init__).parameters.items()
        if parameter in ("momentum", "nesterov", "beta_1", "beta_2", "epsilon")
    }
    if name == "lion":  # whose beta_2 has another default, and another sense
        known = {}
    assert OPTIMIZERS[name].parameters == set(known)
    assert {parameter: defaults()[parameter] for parameter in known} == known


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_settings_reach_the_optimizer(name):
    optimizer = made(name, learning_rate=0.5, **NUMBERS, weight_decay=0.125, clipnorm=2.0)
    config = optimizer.get_config()
    assert config["learning_rate"] == 0.5
    assert config["weight_decay"] == 0.125
    assert (config["clipnorm"], config["clipvalue"], config["global_clipnorm"]) == (2.0, None, None)
    for parameter, value in NUMBERS.items():
        if parameter in OPTIMIZERS[name].parameters:
            assert config[parameter] == value


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_no_weight_decay_unless_asked(name):
    assert not made(name, learning_rate=0.1).weight_decay


def test_any_real_number_will_do():
    """Keras itself takes Python's floats alone."""
    for number in (np.float32, np.float64, np.int64, int):
        model = linear(learning_rate=number(1), momentum=number(0), clipnorm=number(1)).fit(X, Y)
        assert np.isfinite(model.loss_)
