from __future__ import annotations

import keras
import numpy as np
import pytest

from estimators.layers import AlphaDropout, Dropout


class TestDropout:
    ONES = np.ones((500, 200), "float32")

    @pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
    def test_share_and_scale(self, rate):
        """What stays is scaled so that the mean stays."""
        outputs = keras.ops.convert_to_numpy(Dropout(rate, seed=0)(self.ONES, training=True))
        dropped = outputs == 0
        assert dropped.mean() == pytest.approx(rate, abs=0.005)
        np.testing.assert_allclose(outputs[~dropped], 1 / (1 - rate), rtol=1e-5)

    def test_prediction_drops_nothing(self):
        layer = Dropout(0.5, seed=0)
        for outputs in (layer(self.ONES), layer(self.ONES, training=False)):
            np.testing.assert_array_equal(outputs, self.ONES)

    def test_rate_of_zero_drops_nothing(self):
        np.testing.assert_array_equal(Dropout(0.0, seed=0)(self.ONES, training=True), self.ONES)

    def test_every_step_has_draws_of_its_own(self):
        layer = Dropout(0.5, seed=0)
        first, second = (np.asarray(layer(self.ONES, training=True)) for _ in range(2))
        assert np.mean((first == 0) == (second == 0)) == pytest.approx(0.5, abs=0.01)

    def test_seed_decides_the_draws(self):
        first, same, other = (
            np.asarray(Dropout(0.5, seed=seed)(self.ONES, training=True)) for seed in (1, 1, 2)
        )
        np.testing.assert_array_equal(first, same)
        assert not np.array_equal(first, other)

    def test_saved_and_loaded_safely(self, tmp_path):
        network = keras.Sequential([keras.Input((3,)), Dropout(0.25, seed=5)])
        network.save(tmp_path / "network.keras")
        loaded = keras.saving.load_model(tmp_path / "network.keras", safe_mode=True).layers[0]
        assert type(loaded) is Dropout
        assert (loaded.rate, loaded.seed) == (0.25, 5)


class TestAlphaDropout:
    def test_keeps_mean_and_deviation_of_selu_outputs(self):
        normal = np.random.default_rng(0).normal(size=(1000, 300))
        outputs = np.asarray(keras.activations.selu(normal))
        outputs = (outputs - np.mean(outputs)) / np.std(outputs)
        dropped = AlphaDropout(0.2, seed=0)(outputs.astype("float32"), training=True).numpy()
        assert dropped.mean() == pytest.approx(0, abs=0.01)
        assert dropped.std() == pytest.approx(1, abs=0.01)

    def test_dropped_values_are_all_the_same_and_as_many_as_the_rate_says(self):
        inputs = np.random.default_rng(0).normal(size=(500, 200)).astype("float32")
        dropped = AlphaDropout(0.3, seed=0)(inputs, training=True).numpy()
        values, counts = np.unique(dropped, return_counts=True)
        assert counts.max() / dropped.size == pytest.approx(0.3, abs=0.01)
        # By hand: a = (0.7 * (1 + 0.3 * 1.7581**2))**-0.5, lowest value a * -1.7581 * (1 - 0.3)
        assert values[counts.argmax()] == pytest.approx(-1.05955, abs=1e-4)

    def test_does_nothing_at_prediction(self):
        inputs = np.ones((2, 3), "float32")
        np.testing.assert_array_equal(AlphaDropout(0.3)(inputs), inputs)
