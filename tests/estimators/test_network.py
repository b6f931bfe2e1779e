from __future__ import annotations

import keras
import numpy as np
import pytest

from estimators import build_network
from estimators.layers import AlphaDropout, Dropout
from estimators.techniques.activation import ACTIVATIONS
from estimators.techniques.batch_normalization import BATCH_NORM_PLACEMENTS

ORDER = {
    None: ["dense", "activation"],
    "before_dense": ["batch_norm", "dense", "activation"],
    "after_dense": ["dense", "batch_norm", "activation"],
    "after_activation": ["dense", "activation", "batch_norm"],
}


def names(network):
    return [layer.name for layer in network.layers]


def test_every_placement_has_an_order():
    assert set(ORDER) == {None, *BATCH_NORM_PLACEMENTS}


@pytest.mark.parametrize("placement", ORDER)
def test_order_of_layers(placement):
    network = build_network(3, 2, hidden_layer_sizes=(5, 4), batch_norm=placement)
    expected = [f"{name}_{index}" for index in range(2) for name in ORDER[placement]]
    assert names(network) == [*expected, "output"]


@pytest.mark.parametrize("placement", ORDER)
def test_dropout_ends_each_hidden_layer(placement):
    network = build_network(3, 2, hidden_layer_sizes=(5, 4), batch_norm=placement, dropout=0.5)
    expected = [f"{name}_{index}" for index in range(2) for name in [*ORDER[placement], "dropout"]]
    assert names(network) == [*expected, "output"]


@pytest.mark.parametrize("placement", ORDER)
def test_no_bias_where_batch_norm_would_take_it_away(placement):
    network = build_network(3, 2, hidden_layer_sizes=(5,), batch_norm=placement)
    assert network.get_layer("dense_0").use_bias is (placement != "after_dense")
    assert network.get_layer("output").use_bias


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_kind_of_dropout(activation):
    network = build_network(3, 2, hidden_layer_sizes=(5,), activation=activation, dropout=0.25)
    layer = network.get_layer("dropout_0")
    alpha = activation == "selu"
    assert type(layer) is (AlphaDropout if alpha else Dropout)
    assert layer.rate == 0.25


def test_alpha_dropout_keeps_mean_and_deviation():
    network = build_network(500, 1, hidden_layer_sizes=(500,), activation="selu", dropout=0.2)
    inputs = np.random.default_rng(0).normal(size=(500, 500)).astype("float32")
    outputs = keras.ops.convert_to_numpy(network.get_layer("dropout_0")(inputs, training=True))
    assert outputs.mean() == pytest.approx(0, abs=0.02)
    assert outputs.std() == pytest.approx(1, abs=0.02)


def test_shapes():
    network = build_network(7, 2, hidden_layer_sizes=(5, 4), output_activation="softmax")
    assert network.input_shape == (None, 7)
    assert network.output_shape == (None, 2)
    assert network.count_params() == (7 + 1) * 5 + (5 + 1) * 4 + (4 + 1) * 2
    assert network.dtype == "float32"
    assert network.get_layer("output").activation is keras.activations.softmax


def test_linear_model_without_hidden_layers():
    network = build_network(3, 2, hidden_layer_sizes=(), batch_norm="before_dense", dropout=0.5)
    assert names(network) == ["output"]
    X = np.random.default_rng(0).normal(size=(6, 3)).astype("float32")
    kernel, bias = network.get_weights()
    np.testing.assert_allclose(network(X), X @ kernel + bias, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_auto_takes_what_matches_the_activation(activation):
    shape = {"hidden_layer_sizes": (6, 5), "activation": activation, "seed": 3}
    auto = build_network(4, 1, **shape)
    named = build_network(4, 1, kernel_initializer=ACTIVATIONS[activation].initializer, **shape)
    np.testing.assert_equal(auto.get_weights(), named.get_weights())


@pytest.mark.parametrize(("name", "fill"), [("zeros", 0), ("ones", 1)])
def test_constant_weights_are_of_the_hidden_layers_alone(name, fill):
    network = build_network(
        4, 3, hidden_layer_sizes=(5,), kernel_initializer=name, bias_initializer=name
    )
    kernel, bias, output_kernel, output_bias = network.get_weights()
    assert (kernel == fill).all()
    assert (bias == fill).all()
    assert len(np.unique(output_kernel)) == output_kernel.size
    assert (output_bias == 0).all()
    assert np.abs(output_kernel).max() <= np.sqrt(6 / (5 + 3))  # glorot_uniform's bound


def test_variance_scaling_reaches_the_kernels():
    network = build_network(
        300,
        1,
        hidden_layer_sizes=(200,),
        kernel_initializer="variance_scaling",
        initializer_scale=3.0,
        initializer_mode="fan_out",
        initializer_distribution="uniform",
    )
    kernel = network.get_weights()[0]
    assert np.var(kernel) == pytest.approx(3 / 200, rel=0.03)
    assert np.abs(kernel).max() <= np.sqrt(3 * 3 / 200) * 1.00001


@pytest.mark.parametrize("activation", ["leaky_relu", "prelu"])
def test_negative_slope_reaches_the_layer(activation):
    network = build_network(
        3, 1, hidden_layer_sizes=(5,), activation=activation, negative_slope=0.3
    )
    layer = network.get_layer("activation_0")
    outputs = keras.ops.convert_to_numpy(layer(-np.ones((1, 5), "float32")))
    np.testing.assert_allclose(outputs, -0.3, rtol=1e-6)


class TestSeed:
    SHAPE = {"hidden_layer_sizes": (5, 5), "activation": "prelu", "batch_norm": "after_dense"}

    def test_same_seed_same_weights(self):
        first, second = (build_network(5, 2, seed=7, **self.SHAPE) for _ in range(2))
        np.testing.assert_equal(first.get_weights(), second.get_weights())

    @pytest.mark.parametrize("seeds", [(7, 8), (None, None)])
    def test_other_seed_other_weights(self, seeds):
        kernels = [build_network(5, 2, seed=seed, **self.SHAPE).get_weights()[0] for seed in seeds]
        assert not np.array_equal(*kernels)

    def test_equal_layers_differ(self):
        network = build_network(5, 5, seed=7, **self.SHAPE)
        kernels = [network.get_layer(f"dense_{index}").get_weights()[0] for index in range(2)]
        assert not np.array_equal(*kernels)

    @pytest.mark.parametrize(
        "random_layer", [{"dropout": 0.5}, {"activation": "randomized_leaky_relu"}]
    )
    def test_random_layers_repeat(self, random_layer):
        X = np.ones((20, 5), "float32")
        first, same, other = (build_network(5, 2, seed=seed, **random_layer) for seed in (7, 7, 8))
        other.set_weights(first.get_weights())
        np.testing.assert_array_equal(first(X, training=True), same(X, training=True))
        assert not np.array_equal(first(X, training=True), other(X, training=True))

    @pytest.mark.parametrize("activation", ["relu", "prelu", "randomized_leaky_relu"])
    def test_no_global_state_is_touched(self, activation, global_draws):
        with global_draws.unchanged():
            build_network(
                5, 2, seed=7, activation=activation, dropout=0.1, batch_norm="after_activation"
            )

    def test_global_state_is_not_read(self):
        weights = []
        for seed in (1, 2):
            keras.utils.set_random_seed(seed)
            weights.append(build_network(5, 2, seed=7, **self.SHAPE).get_weights())
        np.testing.assert_equal(*weights)
