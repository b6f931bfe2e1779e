from __future__ import annotations

import math

import keras
import numpy as np
import pytest
from scipy import stats

from estimators import build_network
from estimators.techniques.activation import ACTIVATIONS

SELU_SCALE, SELU_ALPHA = 1.0507009873554805, 1.6732632423543772  # Klambauer et al. 2017
STEP = 1 / (1 + math.exp(2))  # sigmoid(-2)

AT_MINUS_TWO_AND_ONE = {
    "linear": (-2, 1),
    "relu": (0, 1),
    "leaky_relu": (-0.02, 1),
    "randomized_leaky_relu": (-2 / 5.5, 1),
    "prelu": (-0.5, 1),
    "elu": (math.exp(-2) - 1, 1),
    "selu": (SELU_SCALE * SELU_ALPHA * (math.exp(-2) - 1), SELU_SCALE),
    "gelu": (-2 * stats.norm.cdf(-2), stats.norm.cdf(1)),
    "silu": (-2 * STEP, 1 / (1 + math.exp(-1))),
    "mish": (-2 * math.tanh(math.log1p(math.exp(-2))), math.tanh(math.log1p(math.e))),
    "sigmoid": (STEP, 1 / (1 + math.exp(-1))),
    "tanh": (math.tanh(-2), math.tanh(1)),
}


def layer_of(name, **hyperparameters):
    """The activation of a hidden layer of two units."""
    network = build_network(
        3, 1, hidden_layer_sizes=(2,), activation=name, seed=0, **hyperparameters
    )
    return network.get_layer("activation_0")


def test_every_activation_has_a_worked_number():
    assert set(AT_MINUS_TWO_AND_ONE) == set(ACTIVATIONS)


@pytest.mark.parametrize("name", AT_MINUS_TWO_AND_ONE)
def test_worked_number(name):
    outputs = keras.ops.convert_to_numpy(layer_of(name)(np.array([[-2.0, 1.0]], "float32")))
    np.testing.assert_allclose(outputs[0], AT_MINUS_TWO_AND_ONE[name], rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("name", ["leaky_relu", "prelu"])
def test_negative_slope_is_heeded(name):
    layer = layer_of(name, negative_slope=0.3)
    outputs = keras.ops.convert_to_numpy(layer(np.array([[-2.0, 1.0]], "float32")))
    np.testing.assert_allclose(outputs[0], [-0.6, 1], rtol=1e-6)


def test_only_prelu_learns_its_slope():
    built = {name: layer_of(name) for name in ACTIVATIONS}
    assert [name for name, layer in built.items() if layer.trainable_weights] == ["prelu"]


@pytest.mark.parametrize(
    ("name", "initializer"),
    [
        ("linear", "glorot_uniform"),
        ("relu", "he_normal"),
        ("leaky_relu", "he_normal"),
        ("randomized_leaky_relu", "he_normal"),
        ("prelu", "he_normal"),
        ("elu", "he_normal"),
        ("selu", "lecun_normal"),
        ("gelu", "he_normal"),
        ("silu", "he_normal"),
        ("mish", "he_normal"),
        ("sigmoid", "glorot_uniform"),
        ("tanh", "glorot_uniform"),
    ],
)
def test_matching_initializer(name, initializer):
    assert ACTIVATIONS[name].initializer == initializer
    assert initializer in ACTIVATIONS[name].suited_initializers


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_reference_can_be_looked_up(name):
    assert "https://" in str(ACTIVATIONS[name].reference)
