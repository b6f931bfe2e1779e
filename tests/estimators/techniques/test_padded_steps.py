from __future__ import annotations

import numpy as np
import pytest

from estimators import KerasRNNRegressor
from estimators.layers import PaddedSteps

X = np.zeros((4, 6), "float32")


@pytest.mark.parametrize(("n_steps", "shape"), [(None, (6, 1)), (3, (3, 2)), (np.int64(6), (6, 1))])
def test_the_shape_of_the_input(n_steps, shape):
    network = KerasRNNRegressor((2,), n_steps=n_steps).initialize(X, X[:, 0]).model_
    assert network.input_shape == (None, *shape)
    assert type(network.layers[0]) is PaddedSteps


@pytest.mark.parametrize("n_steps", [0, 2.0, "all"])
def test_n_steps_is_a_number(n_steps):
    with pytest.raises(ValueError, match="'n_steps'"):
        KerasRNNRegressor(n_steps=n_steps).fit(X, X[:, 0])
