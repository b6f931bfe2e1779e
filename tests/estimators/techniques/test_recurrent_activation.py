from __future__ import annotations

import keras
import numpy as np
import pytest

from estimators import KerasRNNRegressor
from estimators.techniques.recurrent_activation import RECURRENT_ACTIVATIONS

SELU = "no selu in recurrent networks"
UNBOUNDED = "unbounded activation wants clipping"


def test_selu_is_for_layers_not_for_steps(recurrent_rules):
    sentence = recurrent_rules.broken(activation="selu")[SELU]
    assert "activation='tanh'" in sentence
    assert "Klambauer et al. 2017" in sentence
    assert SELU not in recurrent_rules.broken(activation="elu")


@pytest.mark.parametrize("activation", RECURRENT_ACTIVATIONS)
def test_without_bound_only_with_clipping(activation, recurrent_rules):
    is_bounded = activation in ("tanh", "sigmoid")
    broken = recurrent_rules.broken(activation=activation)
    assert bool({UNBOUNDED, SELU} & set(broken)) is not is_bounded
    assert UNBOUNDED not in recurrent_rules.broken(activation=activation, global_clipnorm=1.0)


@pytest.mark.filterwarnings("ignore::estimators.RuleWarning")
@pytest.mark.parametrize("activation", RECURRENT_ACTIVATIONS)
def test_cells_have_it(activation):
    X = np.random.default_rng(0).normal(size=(6, 3)).astype("float32")
    model = KerasRNNRegressor((2,), "simple", activation=activation, random_state=0)
    network = model.initialize(X, X[:, 0]).model_
    kernel, recurrent_kernel, bias = network.layers[1].get_weights()
    state = np.zeros((6, 2))
    for step in X.T[..., None]:
        total = step @ kernel + state @ recurrent_kernel + bias
        state = np.asarray(getattr(keras.activations, activation)(total))
    expected = state @ network.layers[2].get_weights()[0]
    np.testing.assert_allclose(network(X[..., None]), expected, rtol=1e-4, atol=1e-5)
