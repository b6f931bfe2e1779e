from __future__ import annotations

import keras
import numpy as np
import pytest

from estimators.layers import PaddedSteps

NAN = np.nan
X = np.array([[[1, 2], [3, 4]], [[5, 6], [NAN, NAN]]], "float32")


def test_padding_becomes_0_and_is_masked():
    layer = PaddedSteps()
    np.testing.assert_array_equal(layer(X), [[[1, 2], [3, 4]], [[5, 6], [0, 0]]])
    np.testing.assert_array_equal(layer.compute_mask(X), [[True, True], [True, False]])


@pytest.mark.parametrize("kind", ["SimpleRNN", "LSTM", "GRU"])
def test_keras_layers_stop_at_the_padding(kind):
    network = keras.Sequential(
        [keras.Input((2, 2)), PaddedSteps(), getattr(keras.layers, kind)(3, seed=0)]
    )
    short = keras.Sequential([keras.Input((1, 2)), getattr(keras.layers, kind)(3, seed=0)])
    short.set_weights(network.get_weights())
    np.testing.assert_allclose(network(X)[1:], short(X[1:, :1]), rtol=1e-5)


def test_saved_and_loaded_safely(tmp_path):
    network = keras.Sequential([keras.Input((2, 2)), PaddedSteps()])
    network.save(tmp_path / "network.keras")
    loaded = keras.saving.load_model(tmp_path / "network.keras", safe_mode=True)
    np.testing.assert_array_equal(loaded(X), network(X))
