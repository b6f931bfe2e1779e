"""A single step of an optimizer, beside the training."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from estimators import KerasMLPRegressor
from estimators.engine.step import changes_of_step
from estimators.techniques import REGRESSOR_TECHNIQUES, resolve

RNG = np.random.default_rng(0)
X = RNG.normal(size=(20, 3))


@pytest.fixture
def make():
    """A function that makes an estimator without hidden layers, before its first step."""

    def initialized(**params):
        model = KerasMLPRegressor((), batch_size=20, random_state=0, **params)
        return model.initialize(X, X[:, 0])

    return initialized


def changes(estimator, gradients):
    params = resolve(REGRESSOR_TECHNIQUES, estimator.get_params())
    return changes_of_step(
        estimator.model_,
        REGRESSOR_TECHNIQUES,
        params,
        [tf.constant(each, "float32") for each in gradients],
    )


GRADIENTS = [np.array([[3.0], [0.0], [-4.0]]), np.array([12.0])]


def test_plain_descent(make):
    kernel, bias = changes(make(optimizer="sgd", learning_rate=0.1), GRADIENTS)
    np.testing.assert_allclose(kernel, [[-0.3], [0], [0.4]], rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(bias, [-1.2], rtol=1e-5)


def test_the_first_rate_of_a_schedule(make):
    schedule = keras.optimizers.schedules.PiecewiseConstantDecay([3], [0.1, 0.01])
    _, bias = changes(make(optimizer="sgd", learning_rate=schedule), GRADIENTS)
    np.testing.assert_allclose(bias, [-1.2], rtol=1e-5)


def test_clipping_is_part_of_it(make):
    """The gradients' norm is 13."""
    model = make(optimizer="sgd", learning_rate=1.0, global_clipnorm=1.3)
    kernel, bias = changes(model, GRADIENTS)
    np.testing.assert_allclose(kernel, [[-0.3], [0], [0.4]], rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(bias, [-1.2], rtol=1e-5)


def test_nothing_of_the_network_changes(make):
    estimator = make(optimizer="adam")
    variables = [*estimator.model_.variables, *estimator.model_.optimizer.variables]
    before = [each.numpy() for each in variables]
    changes(estimator, GRADIENTS)
    np.testing.assert_equal([each.numpy() for each in variables], before)
