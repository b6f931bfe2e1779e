"""Which engine trains: a compiled program, the same uncompiled, or ``Model.fit``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import psutil

from estimators.engine.rows import Rows
from estimators.engine.trainer import BATCH_HOOKS
from estimators.techniques import Technique
from estimators.techniques.weight_depth import hidden_layer_of

__all__ = ["STEPS_WORTH_COMPILING", "choose_engine", "needs_batches", "obstacle_to_compiling"]

# The compiled engine copies the rows; from this share of the machine's memory on it does not.
_SHARE_OF_MEMORY = 0.4

# Compiling pays from some 3,500 to 6,000 steps on in a single fit, and from a third of that on in
# three folds, which share what was compiled: benchmarks/crossing.md.
STEPS_WORTH_COMPILING = 2_000

# Of a sequence so many timesteps take as long as such a step.
_TIMESTEPS_A_STEP = 3

# Of Keras' layers those of which each row of the output depends on its row of the input alone, or,
# in batch normalization, on which rows there are. Embedding is none of them: Keras' optimizers
# square the gradients of a row that comes twice in a batch one by one.
_LAYERS_BY_ROW = (
    "Activation",
    "Add",
    "BatchNormalization",
    "Concatenate",
    "Dense",
    "ELU",
    "Flatten",
    "InputLayer",
    "LayerNormalization",
    "LeakyReLU",
    "Multiply",
    "PReLU",
    "ReLU",
    "Reshape",
)


def obstacle_to_compiling(
    model: keras.Model,
    rows: Rows,
    callbacks: Sequence[keras.callbacks.Callback],
    techniques: Sequence[Technique],
    n_frozen: int = 0,
) -> str | None:
    """Say why only ``Model.fit`` can train something, if so.

    Parameters
    ----------
    model : keras.Model
    rows : Rows
    callbacks : sequence of keras.callbacks.Callback
    techniques : sequence of Technique
        Those that may have layers of their own.
    n_frozen : int, default=0
        Hidden layers that the hyperparameters freeze.

    Returns
    -------
    str or None
    """
    policy, floatx = keras.config.dtype_policy().name, keras.config.floatx()
    if (policy, floatx) != ("float32", "float32"):
        return f"Keras' dtype policy is {policy} and its floatx {floatx}, not both float32"
    for callback in callbacks:
        if needs_batches(callback):
            return f"the callback {type(callback).__name__} needs batches"
    known = {getattr(keras.layers, name) for name in _LAYERS_BY_ROW}
    known |= {kind for technique in techniques for kind in technique.layers_by_row()}
    operations = getattr(model, "operations", model.layers)
    normalizes = any(isinstance(each, keras.layers.BatchNormalization) for each in operations)
    for operation in operations:
        if type(operation) not in known:
            return f"the layer {type(operation).__name__} is not known to treat each row by itself"
        if isinstance(operation, keras.layers.InputLayer):
            continue
        number = hidden_layer_of(operation.name)
        if operation.trainable == (number is not None and number < n_frozen):
            return f"the layer {operation.name} is {'no longer ' * operation.trainable}frozen"
        if normalizes and not operation.supports_masking:
            return f"the layer {operation.name} does not pass on which rows batch norm is to use"
        if getattr(operation, "activity_regularizer", None) is not None:
            return f"the layer {operation.name} adds a loss of its own"
    if any(weight.constraint is not None for weight in model.trainable_variables):
        return "its weights have constraints"
    if model.losses:
        return "its layers add losses of their own"
    if rows.n_bytes > _SHARE_OF_MEMORY * psutil.virtual_memory().total:
        return f"the rows take {rows.n_bytes / 2**30:.3g} GiB, too much to be copied"
    return None


def needs_batches(callback: keras.callbacks.Callback) -> bool:
    """Whether a callback wants to hear of batches, not only of epochs."""
    if getattr(callback, "save_freq", None) == "epoch":  # ModelCheckpoint, BackupAndRestore
        return False
    return any(
        getattr(getattr(callback, hook), "__func__", None)
        is not getattr(keras.callbacks.Callback, hook)
        for hook in (*BATCH_HOOKS, "on_batch_begin", "on_batch_end")
    )


def choose_engine(
    params: Mapping[str, Any],
    shape: tuple[int, ...],
    n_epochs: int,
    obstacle: str | None,
    need: str | None = None,
) -> str:
    """Choose what trains; the choice depends on nothing that ran before.

    Parameters
    ----------
    params : mapping of str to object
        Resolved hyperparameters.
    shape : tuple of int
        Of the rows, (n_rows, ...); of sequences (n_rows, n_timesteps, n_channels).
    n_epochs : int
        Epochs of all networks that share what is compiled.
    obstacle : str or None
        Of :func:`obstacle_to_compiling`.
    need : str or None
        Why ``Model.fit`` cannot train it; see :meth:`estimators.techniques.Technique.needs_engine`.

    Returns
    -------
    {"compiled", "uncompiled", "keras"}

    Raises
    ------
    ValueError
        If the engine that was asked for cannot train this.
    """
    engine: str = params["engine"]
    if need is not None and engine == "keras":
        raise ValueError(
            f"engine='keras' cannot train this, for {need}; use 'auto', 'compiled' or 'uncompiled'."
        )
    if need is not None and obstacle is not None:
        raise ValueError(
            f"No engine can train this, for {need}, which Model.fit cannot do, and {obstacle}, "
            "which is for Model.fit alone; leave out one of the two."
        )
    if engine == "auto":
        if obstacle is not None:
            if params["verbose"]:
                print(f"Training goes through Model.fit, for {obstacle}.")
            return "keras"
        steps = n_epochs * -(-shape[0] // params["batch_size"])
        if len(shape) == 3:
            steps *= max(1, shape[1] // _TIMESTEPS_A_STEP)
        return "compiled" if steps >= STEPS_WORTH_COMPILING else "uncompiled"
    if engine != "keras" and obstacle is not None:
        raise ValueError(
            f"engine={engine!r} cannot train this, for {obstacle}; use 'auto' or 'keras'."
        )
    return engine
