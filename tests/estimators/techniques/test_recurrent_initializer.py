from __future__ import annotations

import numpy as np
import pytest

from estimators import KerasRNNRegressor
from estimators.techniques.recurrent_initializer import RECURRENT_INITIALIZERS

X = np.zeros((4, 3), "float32")


def recurrent_kernel(**params):
    model = KerasRNNRegressor(**{"cell": "simple", **params}, hidden_layer_sizes=5, random_state=0)
    return model.initialize(X, X[:, 0]).model_.layers[1].get_weights()[1]


@pytest.mark.filterwarnings("ignore::estimators.RuleWarning")
def test_orthogonal_keeps_lengths_and_identity_the_state():
    kernel = recurrent_kernel()
    np.testing.assert_allclose(kernel @ kernel.T, np.eye(5), atol=1e-5)
    assert np.abs(kernel - np.eye(5)).max() > 0.1
    np.testing.assert_array_equal(recurrent_kernel(recurrent_initializer="identity"), np.eye(5))


@pytest.mark.filterwarnings("ignore::estimators.RuleWarning")
def test_each_is_another_and_the_same_again():
    kernels = {
        name: recurrent_kernel(recurrent_initializer=name, cell="gru").tobytes()
        for name in RECURRENT_INITIALIZERS
    }
    assert len(set(kernels.values())) == len(RECURRENT_INITIALIZERS)
    assert recurrent_kernel(cell="gru").tobytes() == kernels["orthogonal"]


@pytest.mark.parametrize(
    ("cell", "initializer", "names"),
    [
        ("simple", "orthogonal", set()),
        ("simple", "identity", set()),
        ("simple", "glorot_uniform", {"repeated products keep their length"}),
        ("lstm", "glorot_uniform", set()),
        ("lstm", "identity", {"identity is for simple cells"}),
    ],
)
def test_rules(cell, initializer, names, recurrent_rules):
    broken = recurrent_rules.broken(cell=cell, recurrent_initializer=initializer)
    assert set(broken) == names
    assert all("orthogonal" in sentence for sentence in broken.values())
