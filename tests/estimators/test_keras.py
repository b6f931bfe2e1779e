"""What breaks where a name goes that Keras does not call public."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from estimators._keras import first_epoch_of

X = np.random.default_rng(0).normal(size=(8, 2)).astype("float32")


def model():
    network = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    network.compile("sgd", "mse")
    return network


class Fail(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        if epoch == 1:
            raise OSError("the power is gone")


def test_backup_and_restore_says_where_to_begin(tmp_path):
    """Without the name, a fit that was interrupted would begin with the first epoch again."""
    backup = keras.callbacks.BackupAndRestore(tmp_path / "backup")
    with pytest.raises(OSError, match="power"):
        model().fit(X, X[:, 0], epochs=4, callbacks=[backup, Fail()], verbose=0)
    again = model()
    told = keras.callbacks.CallbackList([backup], model=again)
    told.on_train_begin()
    assert first_epoch_of(again, 0) == 2


def test_what_it_says_is_taken_once(tmp_path):
    """Else ``Model.fit``, which reads it too, would repeat epochs, and a later fit skip some."""
    network = model()
    network._initial_epoch = 2
    assert first_epoch_of(network, 0) == 2
    assert first_epoch_of(network, 0) == 0
    assert first_epoch_of(network, 1) == 1
    epochs = network.fit(X, X[:, 0], epochs=3, initial_epoch=1, verbose=0).epoch
    assert epochs == [1, 2]
