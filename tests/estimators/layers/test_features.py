from __future__ import annotations

import keras
import numpy as np
import pytest

from estimators.layers import Features

# Columns: a number, categories of 2, 3 and 4 levels, a number of two values.
X = np.array(
    [[0.5, 1, 1, 4, 0], [-2.0, 2, 3, 1, 1], [4.0, 0, 0, 0, 1], [1.0, 2, 2, 3, 0]], "float32"
)


def layer_of(**settings):
    settings = {"max_one_hot": 3, "category_embedding_dim": 2, "seed": 0, **settings}
    layer = Features((0, 4), (0,), (1, 2, 3), (2, 3, 4), **settings)
    layer.build((None, 5))
    return layer


def outputs(layer):
    return keras.ops.convert_to_numpy(layer(X))


def values(variable):
    return keras.ops.convert_to_numpy(variable)


def test_categories_by_hand():
    layer = layer_of()
    numbers = X[:, [0, 4]]
    binary = [[-1], [1], [0], [1]]
    one_hot = [[1, 0, 0], [0, 0, 1], [0, 0, 0], [0, 1, 0]]
    table = values(layer.category_embedding)
    vectors = np.array([table[3], table[0], np.zeros(2), table[2]])
    expected = np.hstack([numbers, binary, one_hot, vectors])
    np.testing.assert_allclose(outputs(layer), expected, rtol=1e-6)


def test_piecewise_linear_embedding_by_hand():
    layer = layer_of(n_bins=2, numeric_embedding_dim=3)
    layer.bin_edges.assign([[-1.0, 1.0, 3.0]])
    shares = np.array([[0.75, 0], [0, 0], [1, 1], [1, 0]])
    expected = shares @ values(layer.numeric_bin_kernel)[0] + values(layer.numeric_bin_bias)
    np.testing.assert_allclose(outputs(layer)[:, 2:5], expected, rtol=1e-5, atol=1e-6)


def test_periodic_embedding_by_hand():
    layer = layer_of(n_frequencies=4, frequency_scale=1.0)
    frequencies, phases = (
        values(layer.numeric_frequency_kernel),
        values(layer.numeric_frequency_bias),
    )
    waves = np.cos(2 * np.pi * X[:, :1] * frequencies + phases)
    expected = waves @ values(layer.numeric_wave_kernel)[0] + values(layer.numeric_wave_bias)
    np.testing.assert_allclose(outputs(layer)[:, 2:5], expected, rtol=1e-5, atol=1e-5)


def test_each_number_has_weights_of_its_own():
    """Two numbers with equal values are embedded apart, the one's outputs before the other's."""
    layer = Features((0, 1), (0, 1), n_bins=4, numeric_embedding_dim=2, n_frequencies=3, seed=0)
    layer.build((None, 2))
    same = np.repeat(np.linspace(-2, 2, 7, dtype="float32")[:, None], 2, axis=1)
    embedded = keras.ops.convert_to_numpy(layer(same))[:, 2:]
    alone = Features((0,), (0,), n_bins=4, numeric_embedding_dim=2, n_frequencies=3)
    alone.build((None, 1))
    for number in range(2):
        for ours, theirs in zip(alone.weights, layer.weights, strict=True):
            ours.assign(values(theirs)[number : number + 1])
        columns = np.r_[2 * number : 2 * number + 2, 4 + 3 * number : 7 + 3 * number]
        expected = keras.ops.convert_to_numpy(alone(same[:, :1]))[:, 1:]
        np.testing.assert_allclose(embedded[:, columns], expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("settings", "width"),
    [
        ({}, 2 + 1 + 3 + 2),
        ({"max_one_hot": 0}, 2 + 1 + 2 * 2),
        ({"max_one_hot": 4}, 2 + 1 + 3 + 4),
        ({"n_bins": 5, "numeric_embedding_dim": 7}, 2 + 7 + 1 + 3 + 2),
        ({"n_bins": 5, "n_frequencies": 4}, 2 + 8 + 3 + 1 + 3 + 2),
    ],
    ids=str,
)
def test_width(settings, width):
    layer = layer_of(**settings)
    assert outputs(layer).shape == (4, width)
    assert layer.compute_output_shape((None, 5)) == (None, width)


def test_first_weights():
    n = 40
    layer = Features(
        range(n + 1),
        range(n),
        [n],
        [3000],
        n_bins=16,
        n_frequencies=25,
        frequency_scale=0.5,
        seed=3,
    )
    layer.build((None, n + 1))
    bounds = {"numeric_bin_kernel": 0.5, "numeric_bin_bias": 0.5, "numeric_frequency_bias": np.pi}
    bounds |= {"numeric_wave_kernel": 0.2, "numeric_wave_bias": 0.2}
    deviations = {"numeric_frequency_kernel": 0.5, "category_embedding": 1.0}
    weights = {variable.name: values(variable) for variable in layer.trainable_weights}
    assert weights.keys() == bounds.keys() | deviations.keys()
    for name, bound in bounds.items():
        assert 0.95 * bound < np.abs(weights[name]).max() <= bound
        assert weights[name].std() == pytest.approx(bound / np.sqrt(3), rel=0.15)
    for name, deviation in deviations.items():
        assert weights[name].std() == pytest.approx(deviation, rel=0.1)
        assert weights[name].mean() == pytest.approx(0, abs=0.1 * deviation)


def test_edges_are_not_trained():
    layer = layer_of(n_bins=4)
    assert [variable.name for variable in layer.non_trainable_weights] == ["bin_edges"]
    np.testing.assert_allclose(values(layer.bin_edges), [[-3, -1.5, 0, 1.5, 3]])


def test_seed_decides_the_weights():
    first, same, other = (layer_of(n_bins=4, seed=seed).get_weights() for seed in (1, 1, 2))
    np.testing.assert_equal(first, same)
    assert not np.array_equal(first[0], other[0])


def test_saved_and_loaded_safely(tmp_path):
    layer = Features((0, 4), (0,), (1, 2, 3), (2, 3, 4), max_one_hot=3, n_bins=3, n_frequencies=2)
    network = keras.Sequential([keras.Input((5,)), layer])
    network.save(tmp_path / "network.keras")
    loaded = keras.saving.load_model(tmp_path / "network.keras", safe_mode=True)
    np.testing.assert_array_equal(
        keras.ops.convert_to_numpy(loaded(X)), keras.ops.convert_to_numpy(network(X))
    )


def test_the_column_behind_each_output():
    """A change of one column changes the outputs that are its own, and no others."""
    layer = layer_of(n_bins=2, numeric_embedding_dim=3, n_frequencies=4, frequency_scale=1.0)
    columns = np.array(layer.columns_of_outputs)
    first = outputs(layer)[0]
    assert len(columns) == len(first)
    for column, value in enumerate([2.5, 2, 3, 2, 1]):
        row = X[:1].copy()
        row[0, column] = value
        changed = keras.ops.convert_to_numpy(layer(row))[0] != first
        assert set(columns[changed]) == {column}
