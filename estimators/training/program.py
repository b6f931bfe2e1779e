"""A compiled program: one epoch of training and validation, for every model of a structure."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf

from estimators.training.rows import Rows
from estimators.training.run_time_value import RunTimeValue, run_time_parameters
from estimators.training.structure import ProgramKey

__all__ = ["DeviceRows", "EpochProgram", "State", "state_of", "write_state"]

State = list[tf.Tensor]


class DeviceRows(NamedTuple):
    """Rows on the device, with room for some more.

    Attributes
    ----------
    X, y, sample_weight : tf.Tensor
        Rows beyond ``n_rows`` are padding; without weights ``sample_weight`` is empty.
    n_rows : tf.Tensor
    """

    X: tf.Tensor
    y: tf.Tensor
    sample_weight: tf.Tensor
    n_rows: tf.Tensor

    @classmethod
    def of(cls, rows: Rows, room: int) -> DeviceRows:
        """Put rows on the device, with room for ``room`` rows."""
        weight = np.empty(0, "float32") if rows.sample_weight is None else rows.sample_weight
        return cls(
            _padded(rows.X, room),
            _padded(rows.y, room),
            _padded(weight, room),
            tf.constant(len(rows.X)),
        )


def _padded(array: np.ndarray, room: int) -> tf.Tensor:
    missing = [(0, max(0, room - len(array))), *[(0, 0)] * (array.ndim - 1)]
    return tf.constant(np.pad(array, missing) if array.size else array)


def _variables(model: keras.Model) -> list[tf.Variable]:
    both = [*model.variables, *model.optimizer.variables]
    return [
        variable.value if isinstance(variable, keras.Variable) else variable for variable in both
    ]


def state_of(model: keras.Model) -> State:
    """Read everything that training changes: weights, moving statistics, seeds and optimizer."""
    return [variable.read_value() for variable in _variables(model)]


def write_state(model: keras.Model, state: State) -> None:
    """Write a state back into a model."""
    for variable, value in zip(_variables(model), state, strict=True):
        variable.assign(value)


class EpochProgram:
    """One epoch as one call, for all models of a structure.

    The program is traced on a copy of the model and is a pure function: weights, optimizer state
    and random seeds come in as a state and go out as a new one. The copy's variables are its
    working memory, so calls take turns.

    Parameters
    ----------
    key : ProgramKey
    model : keras.Model
        Any model of the structure, compiled, its optimizer built; it is not changed.
    """

    def __init__(self, key: ProgramKey, model: keras.Model):
        self.key = key
        self._lock = threading.Lock()
        self._model = type(model).from_config(model.get_config())
        config = keras.saving.deserialize_keras_object(model.get_compile_config())
        self._model.compile(**config)
        self._model.optimizer.build(self._model.trainable_variables)
        self._loss: keras.losses.Loss = config["loss"]
        self._metrics: list[keras.metrics.Metric] = config["metrics"] or []
        self._parameters = list(run_time_parameters(self._model))
        self._epoch: Callable[..., tuple[State, tf.Tensor]] | None = None

    @property
    def metric_names(self) -> list[str]:
        """Names of the figures that a call returns, "loss" first."""
        return ["loss", *(metric.name for metric in self._metrics)]

    def __call__(
        self,
        state: State,
        values: Sequence[float],
        rows: DeviceRows,
        order: np.ndarray,
        validation: DeviceRows | None = None,
    ) -> tuple[State, dict[str, float]]:
        """Train for one epoch.

        Parameters
        ----------
        state : list of tf.Tensor
            See :func:`state_of`.
        values : sequence of float
            Values of the model's :func:`run_time_parameters`, in order.
        rows : DeviceRows
        order : ndarray of int
            Order of the rows, of length ``rows.n_rows``.
        validation : DeviceRows, default=None

        Returns
        -------
        state : list of tf.Tensor
        logs : dict of str to float
            Loss and metrics, those of the validation rows with "val_" before their names.
        """
        room = -(-self.key.n_rows // self.key.batch_size) * self.key.batch_size
        positions = np.zeros(room, "int32")
        positions[: len(order)] = order
        inputs = (state, tf.constant(values, "float32"), rows, tf.constant(positions), validation)
        with self._lock:
            if self._epoch is None:
                traced = tf.function(self._traced_epoch, jit_compile=self.key.jit, autograph=False)
                self._epoch = traced.get_concrete_function(*inputs)
            state, figures = self._epoch(*inputs)
        names = self.metric_names
        if validation is not None:
            names = [*names, *(f"val_{name}" for name in names)]
        return state, dict(zip(names, figures.numpy().tolist(), strict=True))

    def _traced_epoch(self, state, values, rows, order, validation):
        for (owner, name), value in zip(self._parameters, tf.unstack(values), strict=True):
            setattr(owner, name, RunTimeValue(value))
        variables = _variables(self._model)
        for variable, value in zip(variables, state, strict=True):
            variable.assign(value)
        figures = self._train(rows, order)
        if validation is not None:
            figures += self._validate(validation)
        return [variable.read_value() for variable in variables], tf.stack(figures)

    def _train(self, rows: DeviceRows, order: tf.Tensor) -> list[tf.Tensor]:
        size = self.key.batch_size
        trained = [variable.value for variable in self._model.trainable_variables]

        def step(number: tf.Tensor, total: tf.Tensor):
            picked = tf.slice(order, [number * size], [size])
            X, y = tf.gather(rows.X, picked), tf.gather(rows.y, picked)
            batch = _Batch.of(rows.n_rows, number, size)
            loss_weight = batch.weight * (size / batch.count)
            if self.key.weighted:
                loss_weight *= tf.gather(rows.sample_weight, picked)
            with tf.GradientTape() as tape:
                outputs = self._outputs(X, batch)
                loss = self._loss(y, outputs, sample_weight=loss_weight)
            self._model.optimizer.apply(
                tape.gradient(loss, trained), self._model.trainable_variables
            )
            self._count(y, outputs, batch.weight)
            return number + 1, total + loss * batch.count

        return self._looped(step, rows.n_rows, size)

    def _validate(self, rows: DeviceRows) -> list[tf.Tensor]:
        size = self.key.validation_batch_size
        room = self.key.n_validation

        def step(number: tf.Tensor, total: tf.Tensor):
            # The last slice begins early enough to be whole; rows already seen count for nothing.
            begin = tf.minimum(number * size, room - size)
            X = tf.slice(rows.X, [begin, 0], [size, self.key.n_features])
            y = tf.slice(rows.y, [begin, 0], [size, self.key.n_outputs])
            position = begin + tf.range(size)
            present = (position >= number * size) & (position < rows.n_rows)
            weight = tf.cast(present, tf.float32)
            loss_weight = weight
            if self.key.validation_weighted:
                loss_weight *= tf.slice(rows.sample_weight, [begin], [size])
            outputs = self._outputs(X)
            loss = self._loss(y, outputs, sample_weight=loss_weight)
            self._count(y, outputs, weight)
            return number + 1, total + loss * size

        return self._looped(step, rows.n_rows, size)

    def _looped(self, step, n_rows: tf.Tensor, size: int) -> list[tf.Tensor]:
        """Run a step for every batch; return mean loss and metrics."""
        for metric in self._metrics:
            metric.reset_state()
        batches = (n_rows + size - 1) // size
        _, total = tf.while_loop(
            lambda number, _: number < batches, step, (tf.constant(0), tf.constant(0.0))
        )
        return [total / tf.cast(n_rows, tf.float32), *(metric.result() for metric in self._metrics)]

    def _outputs(self, X: tf.Tensor, batch: _Batch | None = None) -> tf.Tensor:
        """Run the layers, in training where a batch is given."""
        training = batch is not None
        for layer in self._model.layers:
            if batch is not None and isinstance(layer, keras.layers.BatchNormalization):
                layer._moments = batch.moments  # Keras' own would count the places without a row
            X = layer(X, training=training) if layer._call_has_training_arg else layer(X)
        return X

    def _count(self, y: tf.Tensor, outputs: tf.Tensor, weight: tf.Tensor) -> None:
        for metric in self._metrics:
            metric.update_state(y, outputs, sample_weight=weight)


class _Batch(NamedTuple):
    """Which places of a batch hold a row: 1 or 0 for each, and how many do."""

    weight: tf.Tensor
    count: tf.Tensor

    @classmethod
    def of(cls, n_rows: tf.Tensor, number: tf.Tensor, size: int) -> _Batch:
        left = n_rows - number * size
        return cls(
            weight=tf.cast(tf.range(size) < left, tf.float32),
            count=tf.cast(tf.minimum(left, size), tf.float32),
        )

    def moments(self, inputs: tf.Tensor, mask: None = None) -> tuple[tf.Tensor, tf.Tensor]:
        """Mean and variance by column, over the places that hold a row."""
        weight = self.weight[:, None]
        mean = tf.reduce_sum(inputs * weight, axis=0) / self.count
        variance = tf.reduce_sum(tf.square(inputs - mean) * weight, axis=0) / self.count
        return mean, variance
