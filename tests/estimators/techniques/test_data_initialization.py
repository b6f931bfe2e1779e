from __future__ import annotations

import keras
import numpy as np
import pytest

from estimators import KerasMLPRegressor
from estimators.layers import NeuralTangentDense

X = np.random.default_rng(0).normal(size=(300, 5)).astype("float32") * [0.5, 1, 1, 2, 3] + 1
SETTINGS = {"hidden_layer_sizes": (20, 30), "activation": "tanh", "random_state": 0}
DENSE = ("dense_0", "dense_1", "output")


def network_of(rows=X, **settings):
    model = KerasMLPRegressor(**{**SETTINGS, "data_initialization": True, **settings})
    return model.initialize(rows, rows[:, 0]).model_


def products_of(network, name):
    """What a dense layer computes of the rows, without its bias and activation."""
    layer = network.get_layer(name)
    inputs = keras.Model(network.inputs[0], layer.input)(X.astype("float32")).numpy()
    scale = np.sqrt(inputs.shape[1]) if isinstance(layer, NeuralTangentDense) else 1
    return inputs @ layer.kernel.numpy() / scale


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"parametrization": "neural_tangent"},
        {"numeric_embedding": "both", "feature_scale": True},
        {"residual": True},
        {"layer_norm": True, "dropout": 0.5},
    ],
    ids=str,
)
def test_every_unit_has_variance_one(settings):
    network = network_of(**settings)
    for name in DENSE:
        products = products_of(network, name)
        np.testing.assert_allclose(products.std(axis=0), 1, rtol=1e-3)


def test_the_bias_is_minus_a_mean_of_some_rows():
    network = network_of()
    for name in DENSE[:2]:
        products = products_of(network, name)
        bias = network.get_layer(name).bias.numpy()
        low, high = products.min(axis=0), products.max(axis=0)
        assert ((low <= -bias) & (-bias <= high)).all()
        assert len(np.unique(bias)) == len(bias)
        # Nearer to the mean than single rows are, by five exponential weights: 1 / 3 on average.
        offsets = (-bias - products.mean(axis=0)) / products.std(axis=0)
        assert offsets.std() == pytest.approx(np.sqrt(1 / 3), rel=0.35)


def test_by_hand():
    """One input of the values -1 and 1, one unit without hidden layers: slope 1 or -1."""
    rows = np.array([[-1.0], [1.0]] * 50)
    kernel, bias = network_of(rows, hidden_layer_sizes=()).get_weights()
    assert abs(kernel.item()) == pytest.approx(1, rel=1e-5)
    assert -1 <= bias.item() <= 1


def test_a_unit_that_no_row_reaches_stays_finite():
    rows = np.zeros((50, 3))
    rows[:, 0] = np.arange(50)
    network = network_of(rows / 50, activation="relu", hidden_layer_sizes=(30, 30))
    assert all(np.isfinite(weight).all() for weight in network.get_weights())


@pytest.mark.parametrize("parametrization", ["standard", "neural_tangent"])
def test_where_all_rows_are_alike_kernels_stay(parametrization):
    """As where a fold's one column is constant: there is no variance to bring to 1."""
    settings = {"hidden_layer_sizes": (20, 30), "parametrization": parametrization}
    plain, adapted = (
        network_of(np.ones((50, 1)), data_initialization=adapts, **settings)
        for adapts in (False, True)
    )
    for name in DENSE:
        kernels = (network.get_layer(name).kernel.numpy() for network in (plain, adapted))
        np.testing.assert_array_equal(*kernels)


def test_the_seed_decides():
    first, same, other = (
        network_of(random_state=seed, hidden_layer_sizes=()).get_weights()[1] for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(first, same)
    assert not np.array_equal(first, other)


def test_only_the_first_weights_are_changed():
    model = KerasMLPRegressor(
        **SETTINGS, data_initialization=True, epochs=1, learning_rate=1e-12, warm_start=True
    )
    first = model.fit(X, X[:, 0]).model_.get_weights()
    again = model.fit(2 * X, X[:, 0]).partial_fit(3 * X, X[:, 0]).model_.get_weights()
    for one, other in zip(first, again, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-7)
