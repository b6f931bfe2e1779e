from __future__ import annotations

import keras
import numpy as np

from estimators.layers import FeatureScale

X = np.arange(6.0, dtype="float32").reshape(2, 3)


def test_begins_with_one_and_multiplies():
    layer = FeatureScale()
    np.testing.assert_array_equal(keras.ops.convert_to_numpy(layer(X)), X)
    layer.set_weights([np.array([2.0, 0.0, -1.0])])
    np.testing.assert_array_equal(keras.ops.convert_to_numpy(layer(X)), X * [2, 0, -1])


def test_saved_and_loaded_safely(tmp_path):
    network = keras.Sequential([keras.Input((3,)), FeatureScale()])
    network.set_weights([np.array([2.0, 3.0, 4.0])])
    network.save(tmp_path / "network.keras")
    loaded = keras.saving.load_model(tmp_path / "network.keras", safe_mode=True)
    assert type(loaded.layers[0]) is FeatureScale
    np.testing.assert_array_equal(loaded.get_weights()[0], [2, 3, 4])
