"""The same seed gives the same network, whatever else happens in the process."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

RANDOM = {"dropout": 0.2, "activation": "randomized_leaky_relu"}


def assert_equal(first, second):
    """Bit for bit."""
    np.testing.assert_equal(first.model_.get_weights(), second.model_.get_weights())
    assert first.history_ == second.history_


def assert_different(first, second):
    assert not np.array_equal(first.model_.get_weights()[0], second.model_.get_weights()[0])


@pytest.mark.parametrize("epochs", [2, 5])
def test_same_seed(task, epochs):
    first = task.fit(epochs=epochs, **RANDOM)
    # Another structure, another seed, and a program of the same structure, in between.
    task.fit(hidden_layer_sizes=(3, 3), batch_norm="after_dense", random_state=9)
    task.fit(random_state=None, epochs=1, **RANDOM)
    keras.utils.set_random_seed(123)
    second = task.fit(epochs=epochs, **RANDOM)
    assert_equal(first, second)
    np.testing.assert_array_equal(first.predict(task.X), second.predict(task.X))


def test_same_seed_with_early_stopping(task):
    settings = {"early_stopping": True, "validation_fraction": 0.3, "epochs": 4, **RANDOM}
    assert_equal(task.fit(**settings), task.fit(**settings))


def test_second_fit_of_the_same_estimator(task):
    model = task.fit(**RANDOM)
    weights = model.model_.get_weights()
    np.testing.assert_equal(model.fit(task.X, task.y).model_.get_weights(), weights)


@pytest.mark.parametrize("seed", [0, 7, 2**32 - 1, np.int64(5)])
def test_seeds_that_repeat(task, seed):
    assert_equal(task.fit(random_state=seed, epochs=1), task.fit(random_state=seed, epochs=1))


def test_other_seed(task):
    assert_different(task.fit(random_state=0), task.fit(random_state=1))


def test_no_seed(task):
    assert_different(task.fit(random_state=None), task.fit(random_state=None))


def test_random_state_is_consumed(task):
    generator = np.random.RandomState(0)
    first, second = (task.fit(random_state=generator) for _ in range(2))
    assert_different(first, second)
    again = np.random.RandomState(0)
    assert_equal(first, task.fit(random_state=again))
    assert_equal(second, task.fit(random_state=again))


def test_no_seed_follows_numpys(task):
    """As in scikit-learn, None draws from numpy's global generator."""
    fits = []
    for _ in range(2):
        np.random.seed(3)
        fits.append(task.fit(random_state=None))
    assert_equal(*fits)


def trained_from_equal_weights(task, **settings):
    """One epoch under two seeds."""
    first, second = (
        task.make(random_state=seed, **settings).initialize(task.X, task.y) for seed in (0, 1)
    )
    assert_different(first, second)
    second.model_.set_weights(first.model_.get_weights())
    return first.partial_fit(task.X, task.y), second.partial_fit(task.X, task.y)


@pytest.mark.parametrize(
    "settings",
    [
        {"shuffle": True},
        {"shuffle": False, "dropout": 0.5},
        {"shuffle": False, "activation": "selu", "dropout": 0.5},
        {"shuffle": False, "activation": "randomized_leaky_relu"},
    ],
    ids=repr,
)
def test_seed_decides_everything_random(task, settings):
    assert_different(*trained_from_equal_weights(task, **settings))


def test_nothing_else_is_random(task):
    first, second = trained_from_equal_weights(task, shuffle=False)
    np.testing.assert_equal(first.model_.get_weights(), second.model_.get_weights())


def test_rows_come_in_a_new_order_each_epoch(regression):
    """Linear model, batches of one row: the order shows in the weights."""
    settings = {"hidden_layer_sizes": (), "optimizer": "sgd", "learning_rate": 0.1}
    seen = []
    for epoch in range(3):
        model = regression.make(batch_size=1, **settings)
        model.initialize(regression.X, regression.y)
        start = model.model_.get_weights()
        for _ in range(epoch):
            model.partial_fit(regression.X, regression.y)
        model.model_.set_weights(start)
        model.partial_fit(regression.X, regression.y)
        seen.append(model.model_.get_weights()[0])
    assert not np.array_equal(seen[0], seen[1])
    assert not np.array_equal(seen[1], seen[2])


def test_every_row_is_trained_on_once_an_epoch(regression):
    """With a step size next to nothing the steps of an epoch add up to the whole gradient."""
    X, y = regression.X, regression.y
    model = regression.make(
        hidden_layer_sizes=(), optimizer="sgd", learning_rate=1e-4, batch_size=6
    )
    kernel, bias = model.initialize(X, y).model_.get_weights()
    error = (X @ kernel + bias).ravel() - y
    step = (kernel - model.partial_fit(X, y).model_.get_weights()[0]).ravel()
    np.testing.assert_allclose(step / 1e-4, 2 / 6 * X.T @ error, rtol=2e-2)


class TestGlobalState:
    def test_seeded_fit_touches_none(self, task, global_draws):
        with global_draws.unchanged():
            model = task.fit(early_stopping=True, validation_fraction=0.3, **RANDOM)
            model.partial_fit(task.X, task.y).predict(task.X)

    def test_unseeded_fit_draws_from_numpy_alone(self, task):
        tf.random.set_seed(1)
        expected = float(tf.random.uniform(()))
        tf.random.set_seed(1)
        task.fit(random_state=None, **RANDOM)
        assert float(tf.random.uniform(())) == expected

    def test_numpys_state_is_the_same(self, task):
        before = np.random.get_state()
        task.fit(**RANDOM)
        after = np.random.get_state()
        np.testing.assert_array_equal(before[1], after[1])
        assert before[2:] == after[2:]
