"""Training by compiled programs: one call an epoch."""

from __future__ import annotations

from collections.abc import Sequence

import keras

from estimators.training.cache import PROGRAMS
from estimators.training.callbacks import PassiveCallback
from estimators.training.order import row_order
from estimators.training.program import EpochProgram
from estimators.training.rows import PaddedRows, Rows
from estimators.training.run_time_value import run_time_parameters
from estimators.training.state import state_of, write_state
from estimators.training.structure import program_key

__all__ = ["fit_compiled"]


def fit_compiled(
    model: keras.Model,
    rows: Rows,
    *,
    validation: Rows | None,
    batch_size: int,
    epochs: int,
    initial_epoch: int,
    shuffle_seed: int | None,
    callbacks: Sequence[keras.callbacks.Callback],
    verbose: int,
    jit: bool,
) -> dict[str, list[float]]:
    """Train as :func:`estimators.training.train` says.

    Callbacks find the model's weights and optimizer as they are at that moment, and may change
    them.
    """
    if not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)
    key = program_key(model, rows, validation, batch_size=batch_size, jit=jit)
    program = PROGRAMS.get(key, lambda: EpochProgram(key, model))
    data = PaddedRows.of(rows, key.n_rows)
    validation_data = None if validation is None else PaddedRows.of(validation, key.n_validation)
    history = keras.callbacks.History()
    told = keras.callbacks.CallbackList(
        [*callbacks, history],
        add_history=False,
        add_progbar=verbose > 0,
        verbose=verbose,
        epochs=initial_epoch + epochs,
        steps=-(-len(rows.X) // batch_size),
        model=model,
    )
    watched = not all(isinstance(callback, PassiveCallback) for callback in callbacks)
    logs: dict[str, float] = {}
    model.stop_training = False
    told.on_train_begin()
    layout = program.layout
    state, values = layout.enter(state_of(model)), _run_time_values(model)
    begin = getattr(model, "_initial_epoch", None) or initial_epoch  # BackupAndRestore sets it
    try:
        for epoch in range(begin, initial_epoch + epochs):
            told.on_epoch_begin(epoch)
            if watched:
                state, values = layout.enter(state_of(model)), _run_time_values(model)
            order = row_order(len(rows.X), shuffle_seed, epoch)
            state, logs = program(state, values, data, order, validation_data)
            if watched:
                write_state(model, layout.leave(state))
            told.on_epoch_end(epoch, logs)
            if model.stop_training:
                break
    finally:
        if not watched:  # what was learned until an interruption stays
            write_state(model, layout.leave(state))
    told.on_train_end(logs)
    return {name: [float(value) for value in curve] for name, curve in history.history.items()}


def _run_time_values(model: keras.Model) -> list[float]:
    return [float(getattr(owner, name)) for owner, name in run_time_parameters(model)]
