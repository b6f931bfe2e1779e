"""Training, epoch by epoch."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator, Mapping
from typing import Any, NamedTuple

import keras
import numpy as np

from estimators._keras import first_epoch_of
from estimators.engine.cache import PROGRAMS
from estimators.engine.choice import choose_engine, obstacle_to_compiling
from estimators.engine.key import NetworkKey, ProgramKey
from estimators.engine.plan import EpochPlan
from estimators.engine.rows import Rows
from estimators.engine.trainer import CompiledTrainer, KerasTrainer, Trainer
from estimators.errors import DivergenceError
from estimators.techniques.early_stopping import BestEpoch
from estimators.techniques.frozen_layers import n_layers_frozen_throughout

__all__ = ["EpochLogs", "append_logs", "compile_ahead", "epochs"]


class EpochLogs(NamedTuple):
    """What an epoch gave.

    Attributes
    ----------
    logs : dict of str to float
        Loss and metrics, those of the validation rows with "val_" before their names.
    seconds : float
        Wall time, validation included.
    write_model : callable
        Brings the model to what was learned so far.
    """

    logs: dict[str, float]
    seconds: float
    write_model: Callable[[], None]


def epochs(
    model: keras.Model,
    network: NetworkKey,
    params: Mapping[str, Any],
    rows: Rows,
    *,
    validation: Rows | None = None,
    initial_epoch: int = 0,
    n_epochs: int = 1,
    scheduled: range | None = None,
    seed: int = 0,
    best: BestEpoch[Any] | None = None,
    n_alike: int = 1,
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
    scheduled : range, default=None
        The epochs that schedules span; None for those of this call.
    seed : int, default=0
        Decides, with the number of the epoch, the order of the rows and whatever else is drawn
        for an epoch.
    best : BestEpoch, default=None
        Where training stops early: is left with the best epoch, whose weights the model has at
        the end.
    n_alike : int, default=1
        Models, of which this is one, that are trained alike, and share what is compiled.

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
    callback_list = keras.callbacks.CallbackList(
        [*callbacks, history],
        add_progbar=verbose > 0,
        verbose=verbose,
        epochs=initial_epoch + n_epochs,
        steps=-(-len(rows.X) // params["batch_size"]),
        model=model,
    )
    model.stop_training = False
    callback_list.on_train_begin()  # where a callback may freeze layers
    engine = _engine(model, network, params, rows, n_epochs * n_alike)
    if scheduled is None:
        scheduled = range(initial_epoch, initial_epoch + n_epochs)
    plan = EpochPlan(network.techniques, params, len(rows.X), scheduled, seed)
    trainer: Trainer
    if engine == "keras":
        trainer = KerasTrainer(model, plan, rows, validation, callbacks=callback_list)
    else:
        trainer = CompiledTrainer(model, network, plan, rows, validation, jit=engine == "compiled")
    epoch, logs = initial_epoch, {}
    try:
        for epoch in range(first_epoch_of(model, initial_epoch), initial_epoch + n_epochs):
            began = time.perf_counter()
            callback_list.on_epoch_begin(epoch)
            if callbacks:
                trainer.read_model()
            logs = trainer.run(epoch)
            seconds = time.perf_counter() - began
            if callbacks:
                trainer.write_model()
            callback_list.on_epoch_end(epoch, logs)
            logs = history.logs
            if not np.isfinite(logs["loss"]):
                raise _divergence(f"the loss became {logs['loss']}", epoch, params)
            stops = best is not None and best.update(epoch + 1, logs, trainer.snapshot)
            yield EpochLogs(logs, seconds, _nothing if callbacks else trainer.write_model)
            if stops or model.stop_training:
                break
    finally:
        if not callbacks:  # what was learned until an interruption stays
            trainer.write_model()
        trainer.finish()
    if best is not None and best.state is not None:
        trainer.restore(best.state)
    callback_list.on_train_end(logs)
    if not all(np.isfinite(weight).all() for weight in model.get_weights()):
        raise _divergence("weights are no longer finite", epoch, params)


def _nothing() -> None:
    """The model is written already, and callbacks may have changed it since."""


def compile_ahead(
    model: keras.Model,
    network: NetworkKey,
    params: Mapping[str, Any],
    rows: Rows,
    *,
    validation: Rows | None = None,
    n_epochs: int = 1,
    n_alike: int = 1,
) -> None:
    """Begin to compile what :func:`epochs` will run; parameters are those.

    Nothing happens where it would not run a compiled program, or where callbacks may change what
    it is.
    """
    if _listed(params["callbacks"]):
        return
    params = {**params, "verbose": 0}
    if _engine(model, network, params, rows, n_epochs * n_alike) == "compiled":
        size = params["batch_size"]
        PROGRAMS.compile_ahead(
            ProgramKey.of(network, model, rows, validation, batch_size=size, jit=True)
        )


def _engine(
    model: keras.Model, network: NetworkKey, params: Mapping[str, Any], rows: Rows, n_epochs: int
) -> str:
    callbacks, n_frozen = _listed(params["callbacks"]), n_layers_frozen_throughout(params)
    obstacle = obstacle_to_compiling(model, rows, callbacks, network.techniques, n_frozen)
    needs = (technique.needs_engine(params) for technique in network.techniques)
    need = next((reason for reason in needs if reason is not None), None)
    return choose_engine(params, rows.X.shape, n_epochs, obstacle, need)


class _History(keras.callbacks.History):
    """What ``Model.fit`` leaves as ``model.history``, and the logs as the callbacks leave them."""

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        super().on_epoch_end(epoch, logs)
        self.logs = {name: float(value) for name, value in (logs or {}).items()}


def append_logs(history: dict[str, list[float]], logs: Mapping[str, float]) -> None:
    """Append an epoch to curves; nan fills the epochs in which one was not measured.

    Examples
    --------
    >>> history = {"loss": [0.5]}
    >>> append_logs(history, {"loss": 0.25, "val_loss": 1.0})
    >>> history
    {'loss': [0.5, 0.25], 'val_loss': [nan, 1.0]}
    """
    n_before = len(history.get("loss", []))
    for name in [*history, *(name for name in logs if name not in history)]:
        curve = history.setdefault(name, [math.nan] * n_before)
        curve.append(float(logs.get(name, math.nan)))


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
