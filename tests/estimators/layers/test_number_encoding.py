from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from estimators.layers.number_encoding import cosine_of_turns, share_of_bins


def shares(numbers, edges):
    columns = tf.constant([[numbers]], tf.float32)
    return share_of_bins(columns, tf.constant([edges], tf.float32)).numpy()[0].T


def test_piecewise_linear_encoding_by_hand():
    """Bins [0, 1], [1, 3] and [3, 4]: Gorishniy et al. 2022, equation 1, held within [0, 1]."""
    encoded = shares([-5.0, 0.25, 1.0, 2.0, 3.5, 9.0], [0.0, 1.0, 3.0, 4.0])
    expected = [[0, 0, 0], [0.25, 0, 0], [1, 0, 0], [1, 0.5, 0], [1, 1, 0.5], [1, 1, 1]]
    np.testing.assert_array_equal(encoded, expected)


@pytest.mark.parametrize("width", [0.0, 1e-45, 1e-38])
def test_bins_without_width_give_nothing_but_numbers(width):
    encoded = shares([-1.0, 0.0, 3e38], [-1e30, 0.0, width, width])
    assert np.isfinite(encoded).all()
    np.testing.assert_array_equal(encoded[:, 2], 0)


def test_cosine_is_the_cosine():
    turns = np.concatenate([np.linspace(-3, 3, 10_001), [1000.125, -77.5]]).astype("float32")
    exact = np.cos(2 * np.pi * turns.astype(float))
    np.testing.assert_allclose(cosine_of_turns(tf.constant(turns)).numpy(), exact, atol=2e-7)


def test_slope_of_the_cosine():
    turns = tf.constant(np.linspace(-1, 1, 1001), tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(turns)
        total = tf.reduce_sum(cosine_of_turns(turns) * 3)
    exact = -6 * np.pi * np.sin(2 * np.pi * turns.numpy().astype(float))
    np.testing.assert_allclose(tape.gradient(total, turns).numpy(), exact, atol=3e-5)
