from __future__ import annotations

import numpy as np
import pytest

from estimators import KerasMLPRegressor, build_network
from estimators.techniques.features import quantile_edges

SETTINGS = {"hidden_layer_sizes": (4,), "epochs": 1, "random_state": 0}


def test_edges_hold_equally_many_rows():
    X = np.random.default_rng(0).exponential(size=(800, 2))
    edges = quantile_edges(X, 8)
    for column, own in zip(X.T, edges, strict=True):
        assert np.histogram(column.astype("float32"), own)[0].tolist() == [100] * 8


def test_a_value_that_fills_bins_alone_leaves_the_others_to_the_rest():
    amounts = np.random.default_rng(0).exponential(size=(1000, 1)) + 1
    X = np.concatenate([np.zeros((9000, 1)), amounts])
    (edges,) = quantile_edges(X, 8)
    assert edges[0] == 0
    assert set(np.histogram(amounts.astype("float32"), edges[1:])[0]) == {142, 143}


def test_few_rows_get_few_bins():
    amounts = np.random.default_rng(0).exponential(size=(64, 1)) + 1
    (edges,) = quantile_edges(np.concatenate([np.zeros((936, 1)), amounts]), 8)
    assert np.histogram(amounts.astype("float32"), np.unique(edges)[1:])[0].tolist() == [32, 32]


def test_few_values_are_all_edges():
    X = np.repeat([0.0, 1.0, 5.0, 100.0], [900, 50, 45, 5])[:, None]
    assert quantile_edges(X, 4).tolist() == [[0, 1, 5, 100, 100]]


def test_equal_edges_become_one():
    X = np.array([0.0] * 6 + [1.0, 2.0])[:, None]
    assert quantile_edges(X, 7).tolist() == [[0, 1, 2, 2, 2, 2, 2, 2]]


@pytest.mark.parametrize("early_stopping", [False, True])
def test_edges_are_of_the_rows_that_are_trained_on(early_stopping):
    X = np.random.default_rng(1).normal(size=(100, 2))
    y = X[:, 0]
    model = KerasMLPRegressor(
        **SETTINGS,
        numeric_embedding="piecewise_linear",
        n_bins=5,
        early_stopping=early_stopping,
        validation_fraction=0.3,
    ).fit(X, y)
    edges = model.model_.get_layer("features").bin_edges.numpy()
    assert np.array_equal(edges, quantile_edges(X.astype("float32"), 5)) is not early_stopping
    before = edges.copy()
    model.partial_fit(5 * X, y)
    np.testing.assert_array_equal(model.model_.get_layer("features").bin_edges.numpy(), before)


def test_numbers_of_two_values_are_kept_as_they_are():
    X = np.random.default_rng(1).normal(size=(100, 2))
    X[:, 1] = X[:, 1] > 0
    model = KerasMLPRegressor(**SETTINGS, numeric_embedding="both").fit(X, X[:, 0])
    layer = model.model_.get_layer("features")
    assert layer.embedded == [0]
    assert layer.output.shape == (None, 2 + 8 + 3)


def test_nothing_to_embed_leaves_the_network_as_it_was():
    X = np.random.default_rng(1).integers(0, 2, size=(100, 2))
    models = [
        KerasMLPRegressor(**SETTINGS, numeric_embedding=kind).fit(X, X[:, 0])
        for kind in (None, "both")
    ]
    np.testing.assert_equal(*(model.model_.get_weights() for model in models))


def test_a_network_alone_embeds_every_feature():
    network = build_network(3, 1, numeric_embedding="both", numeric_embedding_dim=4, n_bins=6)
    layer = network.get_layer("features")
    assert layer.embedded == [0, 1, 2]
    assert layer.output.shape == (None, 3 + 3 * (4 + 3))
    assert layer.numeric_bin_kernel.shape == (3, 6, 4)
