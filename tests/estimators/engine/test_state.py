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


def fitted(optimizer, seed=0):
    momentum = 0.5 if "momentum" in OPTIMIZERS[optimizer].parameters else 0.0
    return KerasMLPRegressor(
        (4, 3),
        batch_norm="after_dense",
        activation="randomized_leaky_relu",
        optimizer=optimizer,
        momentum=momentum,
        epochs=2,
        engine="keras",
        random_state=seed,
    ).fit(X, X[:, 0])


def layout_of(estimator):
    model = estimator.model_
    fused = FusedWeights([tuple(each.shape) for each in model.trainable_variables])
    params = resolve(REGRESSOR_TECHNIQUES, estimator.get_params())
    update = Update(REGRESSOR_TECHNIQUES, params, fused)
    return StateLayout([bool(each.trainable) for each in model.variables], fused, update)


def values(variables):
    return [each.numpy() for each in variables]


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_written_elsewhere_it_is_the_same(optimizer):
    one, other = fitted(optimizer), fitted(optimizer, seed=1)
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


def test_nested_and_flat():
    model = fitted("nadam")
    layout = layout_of(model)
    arrays = layout.read(model.model_)
    np.testing.assert_equal(layout.flat(layout.nested(arrays)), arrays)
