"""What the estimators watch in every fit; one callback a diagnostic."""

from __future__ import annotations

import time

import keras
import numpy as np

from estimators.errors import DivergenceError

__all__ = ["DivergenceCheck", "EpochTimer", "PassiveCallback", "needs_batches"]

_BATCH_HOOKS = (
    *(f"on_{what}_batch_{when}" for what in ("train", "test") for when in ("begin", "end")),
    *("on_batch_begin", "on_batch_end", "on_test_begin", "on_test_end"),
)


def needs_batches(callback: keras.callbacks.Callback) -> bool:
    """Whether a callback wants to hear of batches, not only of epochs."""
    if getattr(callback, "save_freq", None) == "epoch":  # ModelCheckpoint, BackupAndRestore
        return False
    return any(
        getattr(getattr(callback, hook), "__func__", None)
        is not getattr(keras.callbacks.Callback, hook)
        for hook in _BATCH_HOOKS
    )


class PassiveCallback(keras.callbacks.Callback):
    """A callback that neither reads nor changes the model before training ends."""


class EpochTimer(PassiveCallback):
    """Record the wall time of each epoch, validation included.

    Attributes
    ----------
    seconds : list of float
        One entry an epoch of this training.
    """

    def on_train_begin(self, logs=None):
        self.seconds: list[float] = []

    def on_epoch_begin(self, epoch, logs=None):
        self._started = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        self.seconds.append(time.perf_counter() - self._started)


class DivergenceCheck(PassiveCallback):
    """Stop with an error as soon as the loss or, at the end, a weight is not finite.

    Parameters
    ----------
    mend : str
        What the error advises.
    """

    def __init__(self, mend: str):
        super().__init__()
        self.mend = mend
        self._epoch = 0

    def on_epoch_end(self, epoch, logs=None):
        self._epoch = epoch + 1
        loss = (logs or {}).get("loss", 0.0)
        if not np.isfinite(loss):
            self._raise(f"the loss became {loss}")

    def on_train_end(self, logs=None):
        if not all(np.isfinite(weight).all() for weight in self.model.get_weights()):
            self._raise("weights are no longer finite")

    def _raise(self, what: str):
        raise DivergenceError(
            f"Training diverged: {what} in epoch {self._epoch}. {self.mend}", self._epoch
        )
