from __future__ import annotations

import numpy as np
import pytest

from estimators import KerasMLPRegressor
from estimators.techniques.weight_depth import hidden_layer_of

X = np.random.default_rng(0).normal(size=(20, 3))


@pytest.mark.parametrize(
    "settings",
    [
        {"batch_norm": "before_dense", "residual": True, "activation": "prelu"},
        {"numeric_embedding": "both", "feature_scale": True, "layer_norm": True},
        {"member_sharing": "tabm", "n_members": 2, "parametrization": "neural_tangent"},
    ],
    ids=["batch_norm", "features", "tabm"],
)
def test_every_layer_with_weights_is_of_a_hidden_layer_or_the_output(settings):
    """In the order of the network, so that frozen layers are the first ones."""
    model = KerasMLPRegressor((5, 4, 3), random_state=0, **settings).initialize(X, X[:, 0])
    layers = [layer for layer in model.model_.layers if layer.weights]
    numbers = [hidden_layer_of(layer.name) for layer in layers]
    assert numbers[-1] is None
    assert layers[-1].name == "output"
    assert set(numbers[:-1]) == {0, 1, 2}
    assert numbers[:-1] == sorted(numbers[:-1])


def test_what_has_no_number():
    assert hidden_layer_of("output/kernel") is None
    assert hidden_layer_of("mean_of_members") is None
