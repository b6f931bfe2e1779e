from __future__ import annotations

import keras
import numpy as np

from estimators.layers import NeuralTangentDense

X = np.arange(8.0, dtype="float32").reshape(2, 4)


def test_by_hand():
    """Four inputs: the product is halved, and the bias is not."""
    layer = NeuralTangentDense(1, activation="relu")
    layer.build((None, 4))
    layer.set_weights([np.array([[1.0], [-2.0], [3.0], [0.0]]), np.array([0.25])])
    np.testing.assert_allclose(layer(X), [[2 + 0.25], [6 + 0.25]])
    layer.set_weights([np.array([[-1.0], [0.0], [0.0], [0.0]]), np.array([0.25])])
    np.testing.assert_allclose(layer(X), [[0.25], [0]])


def test_saved_and_loaded_safely(tmp_path):
    network = keras.Sequential([keras.Input((4,)), NeuralTangentDense(3, use_bias=False)])
    network.save(tmp_path / "network.keras")
    loaded = keras.saving.load_model(tmp_path / "network.keras", safe_mode=True)
    assert type(loaded.layers[0]) is NeuralTangentDense
    np.testing.assert_array_equal(
        keras.ops.convert_to_numpy(loaded(X)), keras.ops.convert_to_numpy(network(X))
    )
