from __future__ import annotations

import keras
import numpy as np
import pytest
from scipy import stats

from estimators.layers import LeakyReLU, RandomizedLeakyReLU


class TestRandomizedLeakyReLU:
    """Xu et al. 2015: negative inputs divided by U(3, 8) in training, by 5.5 at prediction."""

    ONES = -np.ones((200, 100), "float32")

    def divisors(self, layer, training=True):
        return -1 / keras.ops.convert_to_numpy(layer(self.ONES, training=training)).ravel()

    def test_prediction_divides_by_the_mean(self):
        X = np.array([[-11.0, -5.5, 0.0, 7.0]], "float32")
        outputs = keras.ops.convert_to_numpy(RandomizedLeakyReLU()(X, training=False))
        np.testing.assert_array_equal(outputs, [[-2, -1, 0, 7]])

    def test_prediction_is_the_default(self):
        X = np.array([[-11.0]], "float32")
        assert keras.ops.convert_to_numpy(RandomizedLeakyReLU()(X)) == -2

    def test_training_draws_uniformly(self):
        divisors = self.divisors(RandomizedLeakyReLU(seed=0))
        assert 3 <= divisors.min() < 3.01
        assert 7.99 < divisors.max() <= 8.00001
        assert stats.kstest(divisors, stats.uniform(3, 5).cdf).pvalue > 0.01

    def test_every_unit_row_and_step_has_a_draw_of_its_own(self):
        layer = RandomizedLeakyReLU(seed=0)
        draws = np.concatenate([self.divisors(layer), self.divisors(layer)])
        assert len(np.unique(draws)) > 0.95 * len(draws)

    def test_training_keeps_what_is_not_negative(self):
        X = np.array([[0.0, 0.5, 7.0]], "float32")
        outputs = keras.ops.convert_to_numpy(RandomizedLeakyReLU(seed=0)(X, training=True))
        np.testing.assert_array_equal(outputs, X)

    def test_seed_decides_the_draws(self):
        first, same, other = (self.divisors(RandomizedLeakyReLU(seed=seed)) for seed in (1, 1, 2))
        np.testing.assert_array_equal(first, same)
        assert not np.array_equal(first, other)

    def test_other_bounds(self):
        layer = RandomizedLeakyReLU(lower=2, upper=4, seed=0)
        assert stats.kstest(self.divisors(layer), stats.uniform(2, 2).cdf).pvalue > 0.01
        np.testing.assert_allclose(self.divisors(layer, training=False), 3, rtol=1e-6)

    def test_saved_and_loaded_safely(self, tmp_path):
        layer = RandomizedLeakyReLU(lower=2, upper=4, seed=5)
        network = keras.Sequential([keras.Input((3,)), layer])
        network.save(tmp_path / "network.keras")
        loaded = keras.saving.load_model(tmp_path / "network.keras", safe_mode=True).layers[0]
        assert (loaded.lower, loaded.upper, loaded.seed) == (2, 4, 5)
        np.testing.assert_array_equal(self.divisors(loaded), self.divisors(layer))

    def test_output_has_the_shape_of_the_input(self):
        layer = RandomizedLeakyReLU()
        assert layer.compute_output_shape((None, 7)) == (None, 7)


class TestLeakyReLU:
    def test_is_keras_own(self):
        X = np.random.default_rng(0).normal(size=(50, 4)).astype("float32")
        for slope in (0.0, 0.01, 0.3):
            np.testing.assert_array_equal(
                keras.ops.convert_to_numpy(LeakyReLU(negative_slope=slope)(X)),
                keras.ops.convert_to_numpy(keras.layers.LeakyReLU(negative_slope=slope)(X)),
            )

    def test_saved_and_loaded_safely(self, tmp_path):
        network = keras.Sequential([keras.Input((3,)), LeakyReLU(negative_slope=0.3)])
        network.save(tmp_path / "network.keras")
        loaded = keras.saving.load_model(tmp_path / "network.keras", safe_mode=True).layers[0]
        assert type(loaded) is LeakyReLU
        assert loaded.negative_slope == pytest.approx(0.3)
