"""Trainers: what runs an epoch of a model, compiled or through ``Model.fit``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from estimators.engine.cache import PROGRAMS
from estimators.engine.key import NetworkKey, ProgramKey
from estimators.engine.plan import EpochPlan
from estimators.engine.program import LoadedRows
from estimators.engine.rows import PaddedRows, Rows

__all__ = ["CompiledTrainer", "KerasTrainer", "Trainer"]

_ROWS_AT_ONCE = 8192

Logs = dict[str, float]


class Trainer(Protocol):
    """Runs epochs of a model's training."""

    def run(self, epoch: int) -> Logs:
        """Train for an epoch, whose number from 0 decides the order of the rows."""

    def read_model(self) -> None:
        """Go on from what the model has now."""

    def write_model(self) -> None:
        """Bring the model, its optimizer included, to what has been learned."""

    def finish(self) -> None:
        """Leave the model with the weights that were evaluated, where those are others."""

    def snapshot(self) -> Any:
        """Return the weights as they are now."""

    def restore(self, snapshot: Any) -> None:
        """Write the weights that were evaluated at a snapshot into the model, once training ends."""


class CompiledTrainer:
    """Runs each epoch as one call of a compiled program.

    Parameters
    ----------
    model : keras.Model
        Compiled, its optimizer built.
    network : NetworkKey
        What the model was built from.
    plan : EpochPlan
    rows, validation : Rows
        ``validation`` may be None.
    jit : bool
        Whether XLA compiles the program.
    """

    def __init__(
        self,
        model: keras.Model,
        network: NetworkKey,
        plan: EpochPlan,
        rows: Rows,
        validation: Rows | None,
        *,
        jit: bool,
    ):
        key = ProgramKey.of(network, model, rows, validation, batch_size=plan.batch_size, jit=jit)
        self._model = model
        self._plan = plan
        self._program = PROGRAMS.get(key)
        self._rows = LoadedRows(PaddedRows.of(rows, key.n_rows))
        self._validation = (
            None if validation is None else LoadedRows(PaddedRows.of(validation, key.n_validation))
        )
        schedule = plan.learning_rate
        self._scheduled = _rates_of(schedule, plan.n_steps) if callable(schedule) else None
        self._state: Sequence[Any] = []
        self.read_model()

    def read_model(self) -> None:
        self._state = self._program.layout.read(self._model, self._state)
        self._n_done = int(self._model.optimizer.iterations)
        self._rate = float(self._model.optimizer.learning_rate)

    def run(self, epoch: int) -> Logs:
        order, values = self._plan.order(epoch), self._values(epoch)
        self._state, logs = self._program(self._state, values, self._rows, order, self._validation)
        self._n_done += self._plan.n_steps
        return logs

    def write_model(self) -> None:
        self._program.layout.write(self._model, self._state)

    def finish(self) -> None:
        if self._program.layout.averages:
            self.restore(self._state)

    def snapshot(self) -> Any:
        return self._state

    def restore(self, snapshot: Any) -> None:
        self._program.layout.write_weights(self._model, snapshot)

    def _values(self, epoch: int) -> NDArray[Any]:
        """Dynamic values of each step of an epoch."""
        rates = self._rate if self._scheduled is None else self._scheduled(self._n_done)
        columns = self._plan.values(epoch, rates)
        values = [
            np.broadcast_to(columns[name], self._plan.n_steps) for name in self._program.value_names
        ]
        return np.stack(values, axis=1)


def _rates_of(
    schedule: keras.optimizers.schedules.LearningRateSchedule, n: int
) -> Callable[[int], NDArray[Any]]:
    """Make the function that gives the learning rates of ``n`` steps from a first one on."""

    @tf.function(autograph=False, input_signature=[tf.TensorSpec([], tf.int64)])
    def rates(first: tf.Tensor) -> tf.Tensor:
        # One by one, for schedules branch on the step.
        return tf.map_fn(
            lambda step: tf.cast(schedule(step), tf.float32),
            first + tf.range(n, dtype=tf.int64),
            fn_output_signature=tf.float32,
        )

    return lambda first: np.asarray(rates(tf.constant(first, tf.int64)))


class KerasTrainer:
    """Runs each epoch through ``keras.Model.fit``, whatever the network and the callbacks are.

    Parameters
    ----------
    model : keras.Model
        Compiled.
    plan : EpochPlan
    rows, validation : Rows
        ``validation`` may be None.
    callbacks : keras.callbacks.CallbackList
        Told of batches and of the evaluation; of epochs it is told elsewhere.
    """

    def __init__(
        self,
        model: keras.Model,
        plan: EpochPlan,
        rows: Rows,
        validation: Rows | None,
        *,
        callbacks: keras.callbacks.CallbackList,
    ):
        self._model = model
        self._plan = plan
        self._order = tf.Variable(np.arange(len(rows.X)), trainable=False, dtype=tf.int64)
        self._batches = _batches(rows, self._order, plan.batch_size)
        self._validation = None if validation is None else validation.arrays
        self._hooks = _BatchHooks(callbacks)

    def run(self, epoch: int) -> Logs:
        self._order.assign(self._plan.order(epoch))
        with _scheduled_rate(self._model.optimizer, self._plan, epoch) as hooks:
            history = self._model.fit(
                self._batches,
                validation_data=self._validation,
                validation_batch_size=_ROWS_AT_ONCE,
                epochs=epoch + 1,
                initial_epoch=epoch,
                shuffle=False,
                callbacks=[self._hooks, *hooks],
                verbose=0,
            ).history
        return {name: float(values[-1]) for name, values in history.items()}

    def read_model(self) -> None:
        """Nothing to do: it is the model itself that is trained."""

    def write_model(self) -> None:
        """Nothing to do: it is the model itself that is trained."""

    def finish(self) -> None:
        """Nothing to do: it has no other weights."""

    def snapshot(self) -> Any:
        return self._model.get_weights()

    def restore(self, snapshot: Any) -> None:
        self._model.set_weights(snapshot)


@contextmanager
def _scheduled_rate(
    optimizer: keras.optimizers.Optimizer, plan: EpochPlan, epoch: int
) -> Iterator[list[keras.callbacks.Callback]]:
    """Make what sets the learning rate of each step of an epoch, where it changes."""
    if callable(plan.learning_rate):  # Keras does it
        yield []
        return
    before = float(optimizer.learning_rate)
    rates = plan.values(epoch, before)["learning_rate"]
    if np.ndim(rates) == 0:
        yield []
        return

    def set_rate(step: int, logs: Any) -> None:
        optimizer.learning_rate = rates[step]

    try:
        yield [keras.callbacks.LambdaCallback(on_train_batch_begin=set_rate)]
    finally:
        optimizer.learning_rate = before


class _BatchHooks(keras.callbacks.Callback):
    """Passes on what ``Model.fit`` tells of batches and of the evaluation."""

    def __init__(self, told: keras.callbacks.CallbackList):
        super().__init__()
        for hook in BATCH_HOOKS:
            setattr(self, hook, getattr(told, hook))


BATCH_HOOKS = (
    *(f"on_{what}_batch_{when}" for what in ("train", "test") for when in ("begin", "end")),
    *("on_test_begin", "on_test_end"),
)


def _batches(rows: Rows, order: tf.Variable, batch_size: int) -> tf.data.Dataset:
    """Read the rows where they are, which may be a file that is larger than the memory."""

    def batch(start: tf.Tensor) -> tuple[tf.Tensor, ...]:
        tensors = tf.numpy_function(
            lambda positions: rows.take(positions).arrays,
            [order[start : start + batch_size]],
            [tf.float32] * len(rows.arrays),
        )
        return tuple(
            tf.ensure_shape(tensor, [None, *array.shape[1:]])
            for tensor, array in zip(tensors, rows.arrays, strict=True)
        )

    starts = tf.data.Dataset.range(0, len(rows.X), batch_size)
    return starts.map(batch).prefetch(tf.data.AUTOTUNE)
