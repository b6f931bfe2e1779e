"""What is used of Keras that it does not call public.

``tests/estimators/test_keras.py`` says what breaks where one of these goes.
"""

from __future__ import annotations

import keras

__all__ = ["first_epoch_of"]


def first_epoch_of(model: keras.Model, initial_epoch: int) -> int:
    """Return the epoch to begin with: another than asked where ``BackupAndRestore`` says so.

    It says so once; ``Model.fit``, called for each epoch, would begin there each time.
    """
    first: int = getattr(model, "_initial_epoch", None) or initial_epoch
    model._initial_epoch = None
    return first
