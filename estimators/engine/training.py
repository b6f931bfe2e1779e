"""Training, epoch by epoch."""

from __future__ import annotations

import time
from collections.abc import Generator, Mapping, Sequence
from typing import Any, NamedTuple

import keras
import numpy as np
import psutil

from estimators._keras import first_epoch_of
from estimators.engine.key import NetworkKey
from estimators.engine.rows import Rows
from estimators.engine.trainer import BATCH_HOOKS, CompiledTrainer, KerasTrainer, Trainer
from estimators.errors import DivergenceError
from estimators.techniques import Technique
from estimators.techniques.early_stopping import BestEpoch

__all__ = ["STEPS_WORTH_COMPILING", "EpochLogs", "epochs", "needs_batches", "obstacle_to_compiling"]

# The compiled engine copies the rows; from this share of the machine's memory on it does not.
_SHARE_OF_MEMORY = 0.4

# Compiling pays from some 3,500 to 6,000 steps on in a single fit, and from a third of that on in
# three folds, which share what was compiled: benchmarks/crossing.md.
STEPS_WORTH_COMPILING = 2_000

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


class EpochLogs(NamedTuple):
    """What an epoch gave.

    Attributes
    ----------
    logs : dict of str to float
        Loss and metrics, those of the validation rows with "val_" before their names.
    seconds : float
        Wall time, validation included.
    """

    logs: dict[str, float]
    seconds: float


def epochs(
    model: keras.Model,
    network: NetworkKey,
    params: Mapping[str, Any],
    rows: Rows,
    *,
    validation: Rows | None = None,
    initial_epoch: int = 0,
    n_epochs: int = 1,
    shuffle_seed: int | None = None,
    best: BestEpoch[Any] | None = None,
) -> Generator[EpochLogs, None, None]:
    """Train a compiled model, and yield after each epoch.

    Closed before the end, or interrupted, the model keeps what it has learned.

    Parameters
    ----------
    model : keras.Model
        Trained in place, its optimizer's state included.
    network : NetworkKey
        What the model was built from.
    params : mapping of str to object
        Resolved hyperparameters.
    rows, validation : Rows
        What to train on, and what to evaluate after each epoch.
    initial_epoch : int, default=0
        Number of epochs that the model has behind it.
    n_epochs : int, default=1
    shuffle_seed : int, default=None
        Decides, with the number of the epoch, in which order the rows come; None keeps them in
        place.
    best : BestEpoch, default=None
        Where training stops early: is left with the best epoch, whose weights the model has at
        the end.

    Yields
    ------
    EpochLogs

    Raises
    ------
    ValueError
        If ``params["engine"]`` cannot train this.
    DivergenceError
        As soon as the loss or, at the end, a weight is not finite.
    """
    callbacks = _listed(params["callbacks"])
    history = _History()
    verbose = int(params["verbose"])
    told = keras.callbacks.CallbackList(
        [*callbacks, history],
        add_progbar=verbose > 0,
        verbose=verbose,
        epochs=initial_epoch + n_epochs,
        steps=-(-len(rows.X) // params["batch_size"]),
        model=model,
    )
    model.stop_training = False
    told.on_train_begin()  # where a callback may freeze layers
    obstacle = obstacle_to_compiling(model, rows, callbacks, network.techniques)
    engine = _engine(params, len(rows.X), n_epochs, obstacle)
    how: dict[str, Any] = {"batch_size": params["batch_size"], "shuffle_seed": shuffle_seed}
    trainer: Trainer
    if engine == "keras":
        trainer = KerasTrainer(model, rows, validation, told=told, **how)
    else:
        trainer = CompiledTrainer(
            model, network, params, rows, validation, jit=engine == "compiled", **how
        )
    epoch, logs = initial_epoch, {}
    try:
        for epoch in range(first_epoch_of(model, initial_epoch), initial_epoch + n_epochs):
            began = time.perf_counter()
            told.on_epoch_begin(epoch)
            if callbacks:
                trainer.read_model()
            logs = trainer.run(epoch)
            seconds = time.perf_counter() - began
            if callbacks:
                trainer.write_model()
            told.on_epoch_end(epoch, logs)
            logs = history.logs
            if not np.isfinite(logs["loss"]):
                raise _divergence(f"the loss became {logs['loss']}", epoch, params)
            stops = best is not None and best.update(epoch + 1, logs, trainer.snapshot())
            yield EpochLogs(logs, seconds)
            if stops or model.stop_training:
                break
    finally:
        if not callbacks:  # what was learned until an interruption stays
            trainer.write_model()
    if best is not None and best.state is not None:
        trainer.restore(best.state)
    told.on_train_end(logs)
    if not all(np.isfinite(weight).all() for weight in model.get_weights()):
        raise _divergence("weights are no longer finite", epoch, params)


class _History(keras.callbacks.History):
    """What ``Model.fit`` leaves as ``model.history``, and the logs as the callbacks leave them."""

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        super().on_epoch_end(epoch, logs)
        self.logs = {name: float(value) for name, value in (logs or {}).items()}


def obstacle_to_compiling(
    model: keras.Model,
    rows: Rows,
    callbacks: Sequence[keras.callbacks.Callback],
    techniques: Sequence[Technique],
) -> str | None:
    """Say why only ``Model.fit`` can train something, if so.

    Parameters
    ----------
    model : keras.Model
    rows : Rows
    callbacks : sequence of keras.callbacks.Callback
    techniques : sequence of Technique
        Those that may have layers of their own.

    Returns
    -------
    str or None
    """
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
        if not operation.trainable:
            return f"the layer {operation.name} is frozen"
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


def _engine(params: Mapping[str, Any], n_rows: int, n_epochs: int, obstacle: str | None) -> str:
    """Choose what trains; the choice depends on nothing that ran before."""
    engine: str = params["engine"]
    if engine == "auto":
        if obstacle is not None:
            if params["verbose"]:
                print(f"Training goes through Model.fit, for {obstacle}.")
            return "keras"
        steps = n_epochs * -(-n_rows // params["batch_size"])
        return "compiled" if steps >= STEPS_WORTH_COMPILING else "uncompiled"
    if engine != "keras" and obstacle is not None:
        raise ValueError(
            f"engine={engine!r} cannot train this, for {obstacle}; use 'auto' or 'keras'."
        )
    return engine


def _listed(callbacks: Any) -> list[keras.callbacks.Callback]:
    """Several callbacks, one or none, as a list."""
    if callbacks is None:
        return []
    return list(callbacks) if isinstance(callbacks, list) else [callbacks]


def _divergence(what: str, epoch: int, params: Mapping[str, Any]) -> DivergenceError:
    clipped = any(params[name] for name in ("clipnorm", "clipvalue", "global_clipnorm"))
    clip = "" if clipped else ", set global_clipnorm=1.0"
    return DivergenceError(
        f"Training diverged: {what} in epoch {epoch + 1}. Lower "
        f"learning_rate={params['learning_rate']!r}{clip}, or put a StandardScaler before the "
        "network (a regressor also has standardize_target).",
        epoch + 1,
    )
