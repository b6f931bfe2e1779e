from __future__ import annotations

import keras
import numpy as np
import pytest

from estimators import build_network
from pipelines.search import activation_statistics


@pytest.fixture
def network():
    """Two units, of which one is relu(x) and the other relu(-1)."""
    network = build_network(1, 1, hidden_layer_sizes=[2], activation="relu")
    (dense, *_) = [one for one in network.layers if isinstance(one, keras.layers.Dense)]
    dense.set_weights([np.array([[1.0, 0.0]]), np.array([0.0, -1.0])])
    return network


def test_worked_example(network):
    found = activation_statistics(network, np.array([[-1.0], [2.0]]))
    # Unit outputs: 0 and 2, and twice 0.
    assert found["mean"] == [pytest.approx(0.5)]
    assert found["deviation"] == [pytest.approx(np.std([0, 2, 0, 0]))]
    assert found["dead"] == [0.5]


def test_rows_of_a_large_table_are_sampled(network):
    rows = np.arange(2500.0)[:, None]
    found = activation_statistics(network, rows)
    assert found["mean"] == [pytest.approx(rows[::3].mean() / 2)]
