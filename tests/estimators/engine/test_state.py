"""From a model and its optimizer to a program's state, and back."""

from __future__ import annotations

import numpy as np
import pytest

from estimators import KerasMLPRegressor
from estimators.engine.state import StateLayout
from estimators.engine.updates import FusedWeights, Update
from estimators.techniques import REGRESSOR_TECHNIQUES, resolve
from estimators.techniques.optimizer import OPTIMIZERS

RNG = np.random.default_rng(0)
X = RNG.normal(size=(20, 3))


def fitted(optimizer, seed=0, engine="keras"):
    momentum = 0.5 if "momentum" in OPTIMIZERS[optimizer].parameters else 0.0
    return KerasMLPRegressor(
        (4, 3),
        batch_norm="after_dense",
        activation="randomized_leaky_relu",
        optimizer=optimizer,
        momentum=momentum,
        epochs=2,
        engine=engine,
        random_state=seed,
    ).fit(X, X[:, 0])


def layout_of(estimator, averages=False):
    model = estimator.model_
    weights = model.trainable_variables
    fused = FusedWeights([tuple(each.shape) for each in weights])
    params = resolve(REGRESSOR_TECHNIQUES, estimator.get_params())
    update = Update(REGRESSOR_TECHNIQUES, params, fused, [each.path for each in weights])
    trained = [bool(each.trainable) for each in model.variables]
    return StateLayout(trained, fused, update, averages=averages)


def values(variables):
    return [each.numpy() for each in variables]


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_written_elsewhere_it_is_the_same(optimizer):
    one, other = fitted(optimizer), fitted(optimizer, seed=1, engine="uncompiled")
    layout = layout_of(one)
    rate = float(other.model_.optimizer.learning_rate)
    layout.write(other.model_, layout.read(one.model_))
    np.testing.assert_equal(
        values(other.model_.trainable_variables), values(one.model_.trainable_variables)
    )
    np.testing.assert_equal(
        values(other.model_.non_trainable_variables), values(one.model_.non_trainable_variables)
    )
    np.testing.assert_equal(
        values(other.model_.optimizer.variables), values(one.model_.optimizer.variables)
    )
    assert float(other.model_.optimizer.learning_rate) == rate


def test_weights_alone():
    """Going back to the best epoch leaves the optimizer and the random layers where they are."""
    one, other = fitted("adam"), fitted("adam", seed=1)
    layout = layout_of(one)
    counters = [each.numpy() for each in other.model_.variables if each.dtype != "float32"]
    optimizer = values(other.model_.optimizer.variables)
    assert counters
    layout.write_weights(other.model_, layout.read(one.model_))
    np.testing.assert_equal(other.model_.get_weights(), one.model_.get_weights())
    np.testing.assert_equal(values(other.model_.optimizer.variables), optimizer)
    np.testing.assert_equal(
        [each.numpy() for each in other.model_.variables if each.dtype != "float32"], counters
    )


def test_means_begin_with_the_weights_and_outlive_a_reading():
    one, other = fitted("adam"), fitted("adam", seed=1)
    layout = layout_of(one, averages=True)
    first = layout.nested(layout.read(one.model_))
    np.testing.assert_equal(first.averages, first.weights)
    later = layout.nested(layout.read(other.model_, layout.flat(first)))
    np.testing.assert_equal(later.averages, first.weights)
    np.testing.assert_equal(later.weights, layout.nested(layout.read(other.model_)).weights)


def test_means_are_what_is_written():
    one, other = fitted("adam"), fitted("adam", seed=1)
    layout = layout_of(one, averages=True)
    means = layout.nested(layout.read(one.model_))
    layout.write_weights(
        other.model_, layout.flat(means._replace(weights=[each * 0 for each in means.weights]))
    )
    np.testing.assert_equal(other.model_.get_weights(), one.model_.get_weights())


@pytest.mark.parametrize("averages", [False, True])
def test_nested_and_flat(averages):
    model = fitted("nadam")
    layout = layout_of(model, averages)
    arrays = layout.read(model.model_)
    np.testing.assert_equal(layout.flat(layout.nested(arrays)), arrays)
