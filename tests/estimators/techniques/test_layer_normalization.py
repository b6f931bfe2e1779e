from __future__ import annotations

import numpy as np

from estimators import build_network

X = np.random.default_rng(0).normal(size=(6, 3)).astype("float32")


def test_by_hand():
    """Between product and activation, over the units of each row."""
    network = build_network(
        3, 1, hidden_layer_sizes=(5,), activation="tanh", layer_norm=True, seed=0
    )
    network.get_layer("layer_norm_0").set_weights([np.full(5, 2.0), np.full(5, 0.5)])
    kernel, bias = network.get_layer("dense_0").get_weights()
    z = X @ kernel + bias
    z = (z - z.mean(axis=1, keepdims=True)) / np.sqrt(z.var(axis=1, keepdims=True) + 1e-3)
    output, offset = network.get_layer("output").get_weights()
    np.testing.assert_allclose(network(X), np.tanh(2 * z + 0.5) @ output + offset, rtol=1e-4)


def test_every_hidden_layer_has_one():
    network = build_network(3, 1, hidden_layer_sizes=(5, 4), layer_norm=True)
    names = [layer.name for layer in network.layers]
    expected = [f"{kind}_{n}" for n in range(2) for kind in ("dense", "layer_norm", "activation")]
    assert names == [*expected, "output"]
