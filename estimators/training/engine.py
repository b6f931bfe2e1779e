"""Which engine trains a network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import psutil

from estimators.training.callbacks import needs_batches
from estimators.training.compiled_fit import fit_compiled
from estimators.training.keras_fit import fit_keras
from estimators.training.rows import Rows

__all__ = ["ENGINES", "train"]

ENGINES = ("auto", "compiled", "uncompiled", "keras")

# The compiled engine copies the rows; from this share of the machine's memory on it does not.
_SHARE_OF_MEMORY = 0.4

# Compiling pays from some 3,500 to 6,000 steps on in a single fit, and from a third of that on in
# three folds, which share what was compiled: benchmarks/crossing.md.
STEPS_WORTH_COMPILING = 2_000


def train(
    model: keras.Model,
    rows: Rows,
    *,
    validation: Rows | None = None,
    batch_size: int = 32,
    epochs: int = 1,
    initial_epoch: int = 0,
    shuffle_seed: int | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    verbose: int = 0,
    engine: str = "auto",
) -> dict[str, list[float]]:
    """Train a compiled model.

    Parameters
    ----------
    model : keras.Model
        Trained in place, its optimizer's state included.
    rows, validation : Rows
        What to train on, and what to evaluate after each epoch.
    batch_size : int, default=32
        Rows a step; the last batch of an epoch may be smaller.
    epochs : int, default=1
        Number of epochs to run.
    initial_epoch : int, default=0
        Number of epochs that the model has behind it.
    shuffle_seed : int, default=None
        Decides, with the number of the epoch, in which order the rows come; None keeps them in
        place.
    callbacks : sequence of keras.callbacks.Callback
        Told of the training as by ``Model.fit``.
    verbose : int, default=0
        As in ``Model.fit``.
    engine : {"auto", "compiled", "uncompiled", "keras"}, default="auto"
        "compiled" runs each epoch as one XLA program, "uncompiled" the same program without XLA,
        "keras" is ``Model.fit``. "auto" takes "keras" where a callback needs batches or the rows
        take more than two fifths of the machine's memory, "compiled" from 2,000 steps on, and
        "uncompiled" for less.
        The choice depends on nothing that ran before, so the same fit gives the same weights.

    Returns
    -------
    dict of str to list of float
        Loss and metrics by epoch.
    """
    obstacle = _obstacle(rows, callbacks)
    if engine == "auto":
        steps = epochs * -(-len(rows.X) // batch_size)
        engine = "compiled" if steps >= STEPS_WORTH_COMPILING else "uncompiled"
        if obstacle is not None:
            engine = "keras"
            if verbose:
                print(f"Training goes through Model.fit, for {obstacle}.")
    elif engine != "keras" and obstacle is not None:
        raise ValueError(
            f"engine={engine!r} cannot train this, for {obstacle}; use 'auto' or 'keras'."
        )
    how: dict[str, Any] = {
        "validation": validation,
        "batch_size": batch_size,
        "epochs": epochs,
        "initial_epoch": initial_epoch,
        "shuffle_seed": shuffle_seed,
        "callbacks": callbacks,
        "verbose": verbose,
    }
    if engine == "keras":
        return fit_keras(model, rows, **how)
    return fit_compiled(model, rows, jit=engine == "compiled", **how)


def _obstacle(rows: Rows, callbacks: Sequence[keras.callbacks.Callback]) -> str | None:
    """Why only ``Model.fit`` can train this, if so."""
    for callback in callbacks:
        if needs_batches(callback):
            return f"the callback {type(callback).__name__} needs batches"
    if rows.n_bytes > _SHARE_OF_MEMORY * psutil.virtual_memory().total:
        return f"the rows take {rows.n_bytes / 2**30:.3g} GiB, too much to be copied"
    return None
