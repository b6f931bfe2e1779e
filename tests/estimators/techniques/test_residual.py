from __future__ import annotations

import numpy as np
import pytest

from estimators import build_network

X = np.random.default_rng(0).normal(size=(6, 3)).astype("float32")


def test_by_hand():
    network = build_network(
        3, 2, hidden_layer_sizes=(4, 4), activation="tanh", residual=True, seed=0
    )
    (first, a), (second, b), (last, c) = (
        network.get_layer(name).get_weights() for name in ("dense_0", "dense_1", "output")
    )
    h = np.tanh(X @ first + a)
    h = h + np.tanh(h @ second + b)
    np.testing.assert_allclose(network(X), h @ last + c, rtol=1e-5, atol=1e-6)


def test_a_projection_where_widths_differ():
    network = build_network(
        3, 2, hidden_layer_sizes=(4, 5, 5), activation="tanh", residual=True, seed=0
    )
    weights = {layer.name: layer.get_weights() for layer in network.layers}
    h = np.tanh(X @ weights["dense_0"][0])
    (projection,) = weights["projection_1"]
    assert projection.shape == (4, 5)
    h = h @ projection + np.tanh(h @ weights["dense_1"][0])
    h = h + np.tanh(h @ weights["dense_2"][0])
    np.testing.assert_allclose(network(X), h @ weights["output"][0], rtol=1e-5, atol=1e-6)
    assert [name for name in weights if name.startswith("projection")] == ["projection_1"]


@pytest.mark.parametrize("sizes", [(), (4,)])
def test_the_first_layer_has_no_connection(sizes):
    plain, residual = (
        build_network(3, 1, hidden_layer_sizes=sizes, residual=on, seed=0) for on in (False, True)
    )
    np.testing.assert_equal(plain.get_weights(), residual.get_weights())
    np.testing.assert_array_equal(plain(X), residual(X))
