from __future__ import annotations

import re

import numpy as np
import pytest

from estimators import KerasMLPRegressor, build_network
from estimators.layers import NeuralTangentDense


def test_all_dense_layers_and_their_weights():
    network = build_network(
        300, 100, hidden_layer_sizes=(200, 100), parametrization="neural_tangent", seed=0
    )
    layers = [layer for layer in network.layers if layer.name.startswith(("dense", "output"))]
    assert [type(layer) for layer in layers] == [NeuralTangentDense] * 3
    for layer in layers:
        assert layer.kernel.numpy().std() == pytest.approx(1, rel=0.02)
        assert not layer.bias.numpy().any()


def test_signals_keep_their_size():
    network = build_network(
        400,
        50,
        hidden_layer_sizes=(300,) * 3,
        activation="linear",
        parametrization="neural_tangent",
        seed=0,
    )
    X = np.random.default_rng(0).normal(size=(500, 400)).astype("float32")
    assert network(X).numpy().std() == pytest.approx(1, rel=0.1)


def test_another_initializer_is_refused():
    sentence = (
        "The 'kernel_initializer' parameter of KerasMLPRegressor must be 'auto' with "
        "parametrization='neural_tangent', whose weights begin with N(0, 1). Got 'he_normal'."
    )
    model = KerasMLPRegressor(parametrization="neural_tangent", kernel_initializer="he_normal")
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        model.fit([[0.0], [1.0]], [0.0, 1.0])
