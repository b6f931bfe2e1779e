from __future__ import annotations

import keras
import numpy as np
import pytest

from estimators import build_network
from estimators.network_file import counters_of, network_from_bytes, network_to_bytes

X = np.random.default_rng(0).normal(size=(8, 3)).astype("float32")


def test_a_network_goes_on_drawing_where_it_was():
    """Keras' own format leaves the counters of random layers out."""
    network = build_network(3, 2, hidden_layer_sizes=(5,), dropout=0.5, seed=0)
    network(X, training=True)
    loaded = network_from_bytes(network_to_bytes(network), counters_of(network))
    for one, other in zip(counters_of(loaded), counters_of(network), strict=True):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(loaded(X), network(X))
    np.testing.assert_array_equal(loaded(X, training=True), network(X, training=True))


def test_code_in_the_bytes_is_not_run():
    network = keras.Sequential([keras.Input((3,)), keras.layers.Lambda(lambda x: x)])
    with pytest.raises(ValueError, match="Lambda"):
        network_from_bytes(network_to_bytes(network), counters_of(network))
