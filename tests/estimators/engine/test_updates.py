"""The updates of the optimizers, against Keras' own."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from estimators.engine.updates import FusedWeights, OptimizerState, Update
from estimators.techniques import TECHNIQUES, defaults, resolve
from estimators.techniques.optimizer import OPTIMIZERS, make_optimizer

RNG = np.random.default_rng(0)
SHAPES = [(3, 2), (2,), (2, 4), (4,)]
PATHS = ["first/kernel", "first/bias", "second/kernel", "second/bias"]


OWN = {"momentum": 0.5, "nesterov": True, "beta_1": 0.7, "beta_2": 0.9, "epsilon": 1e-3}


def arrays(shapes=SHAPES):
    return [RNG.normal(size=shape).astype("float32") for shape in shapes]


@pytest.mark.parametrize(
    ("shapes", "joined"),
    [(SHAPES, [(3, 2), (2, 4), (6,)]), ([(2, 2)], [(2, 2)]), ([(2,), (3,)], [(5,)])],
    ids=str,
)
def test_fused_and_split(shapes, joined):
    fused, values = FusedWeights(shapes), arrays(shapes)
    assert fused.shapes == joined
    assert [array.shape for array in fused.fuse(values)] == joined
    np.testing.assert_equal(fused.split(fused.fuse(values)), values)


@pytest.mark.parametrize(
    ("shapes", "numbers", "spread"),
    [
        (SHAPES, [0.5, 1.0, 0.25, 2.0], [0.5, 0.25, [1, 1, 2, 2, 2, 2]]),
        (SHAPES, [0.5, 2.0, 0.25, 2.0], [0.5, 0.25, 2.0]),
        ([(2, 2)], [3.0], [3.0]),
    ],
    ids=str,
)
def test_spread(shapes, numbers, spread):
    result = FusedWeights(shapes).spread(numbers)
    assert [each if isinstance(each, float) else each.tolist() for each in result] == spread


@pytest.mark.parametrize(
    "settings",
    [{}, {"weight_decay": 0.1}, {"clipnorm": 0.5}, {"clipvalue": 0.2}, {"global_clipnorm": 0.7}],
    ids=str,
)
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_three_steps_are_those_of_keras(name, settings):
    known = OPTIMIZERS[name].parameters
    own = {key: OWN[key] for key in known}
    params = resolve(
        TECHNIQUES, {**defaults(), "optimizer": name, "learning_rate": 0.1, **own, **settings}
    )
    variables = [keras.Variable(array) for array in arrays()]
    fused = FusedWeights(SHAPES)
    update = Update(TECHNIQUES, params, fused, PATHS)
    weights = [tf.constant(each) for each in fused.fuse([v.numpy() for v in variables])]
    rule = OPTIMIZERS[name]
    state = OptimizerState(
        tf.constant(0, tf.int64),
        {key: tf.constant(value) for key, value in rule.scalars.items()},
        {key: [tf.fill(w.shape, rule.initial) for w in weights] for key in update.slot_names},
    )
    optimizer = make_optimizer(params, TECHNIQUES)
    optimizer.build(variables)
    for _ in range(3):
        gradients = [tf.constant(each) for each in arrays()]
        optimizer.apply(gradients, variables)
        weights, state = update(gradients, weights, state, params)
    for ours, theirs in zip(fused.split(weights), variables, strict=True):
        np.testing.assert_allclose(ours, theirs.numpy(), rtol=1e-4, atol=1e-6)
    assert int(state.count) == 3
