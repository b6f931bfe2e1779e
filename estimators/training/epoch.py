"""One epoch of training and validation, as a pure function of state and data."""

from __future__ import annotations

import keras
import tensorflow as tf

from estimators.training.batch import Batch
from estimators.training.graph import Graph, traced_graph
from estimators.training.joined_optimizer import JoinedOptimizer
from estimators.training.layout import Joint, StateLayout
from estimators.training.normalization import normalized, normalized_product
from estimators.training.rows import PaddedRows
from estimators.training.run_time_value import (
    RunTimeValue,
    run_time_layer_parameters,
    run_time_optimizer_parameters,
)
from estimators.training.structure import ProgramKey

__all__ = ["Epoch"]


class Epoch:
    """An epoch of any model of a structure, ready to be traced.

    Weights, optimizer state and random seeds come in as a state and go out as a new one. No
    variable is read or written, so that calls do not disturb each other.

    Parameters
    ----------
    key : ProgramKey
    model : keras.Model
        Any model of the structure, compiled, its optimizer built; it is not changed.
    """

    def __init__(self, key: ProgramKey, model: keras.Model):
        self.key = key
        self._model = keras.models.clone_model(model)
        config = keras.saving.deserialize_keras_object(model.get_compile_config())
        self._loss: keras.losses.Loss = config["loss"]
        self._metrics: list[keras.metrics.Metric] = config["metrics"] or []
        self._layer_parameters = list(run_time_layer_parameters(self._model))
        self._optimizer_parameters = [
            name for _, name in run_time_optimizer_parameters(model.optimizer)
        ]
        variables = self._model.variables
        is_trained = {id(variable) for variable in self._model.trainable_variables}
        trained = [index for index, each in enumerate(variables) if id(each) in is_trained]
        others = [index for index, each in enumerate(variables) if id(each) not in is_trained]
        self._trained = [variables[index] for index in trained]
        self._others = [variables[index] for index in others]
        self._joint = Joint([variable.shape for variable in self._trained])
        self._optimizer = JoinedOptimizer(model.optimizer, self._joint)
        self.layout = StateLayout(self._joint, trained, others, self._optimizer.blocks)

    @property
    def figure_names(self) -> list[str]:
        """Names of the figures of an epoch: loss and metrics, then those of the validation."""
        names = ["loss", *(metric.name for metric in self._metrics)]
        if self.key.n_validation:
            names += [f"val_{name}" for name in names]
        return names

    def graph(self) -> Graph:
        """Trace the epoch.

        Returns
        -------
        Graph
            Takes the state as :attr:`layout` has it, the values of the model's :func:`run_time_parameters`, the rows,
            their order (in int32, padded to whole batches) and the validation rows, if any;
            returns the new state and the figures.
        """
        key = self.key
        room = -(-key.n_rows // key.batch_size) * key.batch_size
        state = [*self._others, *self._optimizer.variables]
        signature = [
            [
                *(tf.TensorSpec(shape) for shape in self._joint.shapes),
                *(tf.TensorSpec(variable.shape, variable.dtype) for variable in state),
            ],
            tf.TensorSpec([len(self._layer_parameters) + len(self._optimizer_parameters)]),
            self._rows_signature(key.n_rows, key.weighted),
            tf.TensorSpec([room], "int32"),
        ]
        if key.n_validation:
            signature.append(self._rows_signature(key.n_validation, key.validation_weighted))
        return traced_graph(self._run, signature, jit=key.jit)

    def _rows_signature(self, room: int, weighted: bool) -> PaddedRows:
        return PaddedRows(
            tf.TensorSpec([room, self.key.n_features]),
            tf.TensorSpec([room, self.key.n_outputs]),
            tf.TensorSpec([room if weighted else 0]),
            tf.TensorSpec([], "int32"),
        )

    def _run(self, state, values, rows, order, validation=None):
        for (layer, name), value in zip(self._layer_parameters, tf.unstack(values), strict=False):
            setattr(layer, name, RunTimeValue(value))
        of_optimizer = tf.unstack(values)[len(self._layer_parameters) :]
        for name, value in zip(self._optimizer_parameters, of_optimizer, strict=True):
            self._optimizer.set(name, value)
        figures, *state = self._train(rows, order, *self.layout.parts(state))
        if validation is not None:
            weights, others, _ = state
            figures += self._validate(validation, self._joint.split(weights), others)
        return [tensor for part in state for tensor in part], tf.stack(figures)

    def _train(self, rows, order, weights, others, of_optimizer):
        size = self.key.batch_size

        def step(number, figures, joined, others, of_optimizer):
            picked = tf.slice(order, [number * size], [size])
            X, y = tf.gather(rows.X, picked), tf.gather(rows.y, picked)
            batch = Batch.of(rows.n_rows, number, size)
            loss_weight = batch.weight * (size / batch.count)
            if self.key.weighted:
                loss_weight *= tf.gather(rows.sample_weight, picked)
            weights = self._joint.split(joined)
            with tf.GradientTape() as tape:
                tape.watch(weights)
                outputs, others = self._outputs(X, weights, others, batch)
                loss = self._loss(y, outputs, sample_weight=loss_weight)
            joined, of_optimizer = self._optimizer(
                tape.gradient(loss, weights), joined, of_optimizer
            )
            figures = self._counted(figures, loss * batch.count, y, outputs, batch.weight)
            return figures, joined, others, of_optimizer

        return self._looped(step, rows.n_rows, size, weights, others, of_optimizer)

    def _validate(self, rows: PaddedRows, weights, others) -> list[tf.Tensor]:
        size = self.key.validation_batch_size
        room = self.key.n_validation

        def step(number, figures):
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
            outputs, _ = self._outputs(X, weights, others)
            loss = self._loss(y, outputs, sample_weight=loss_weight)
            return (self._counted(figures, loss * size, y, outputs, weight),)

        (figures,) = self._looped(step, rows.n_rows, size)
        return figures

    def _looped(self, step, n_rows: tf.Tensor, size: int, *state):
        """Run a step for every batch; return mean loss and metrics, and the last state."""
        batches = (n_rows + size - 1) // size
        zeros = [
            [tf.zeros(variable.shape, variable.dtype) for variable in metric.variables]
            for metric in self._metrics
        ]
        _, (total, sums), *state = tf.while_loop(
            lambda number, *_: number < batches,
            lambda number, *state: (number + 1, *step(number, *state)),
            (tf.constant(0), (tf.constant(0.0), zeros), *state),
        )
        results = [
            metric.stateless_result(each) for metric, each in zip(self._metrics, sums, strict=True)
        ]
        return [total / tf.cast(n_rows, tf.float32), *results], *state

    def _counted(self, figures, loss: tf.Tensor, y, outputs, weight):
        total, sums = figures
        sums = [
            metric.stateless_update_state(each, y, outputs, sample_weight=weight)
            for metric, each in zip(self._metrics, sums, strict=True)
        ]
        return total + loss, sums

    def _outputs(self, X: tf.Tensor, weights, others, batch: Batch | None = None):
        """Run the layers, in training where a batch is given; return what they changed too."""
        variables = [*self._trained, *self._others]
        values = zip(variables, [*weights, *others], strict=True)
        layers = list(self._model.layers)
        with keras.StatelessScope(state_mapping=values) as scope:
            if batch is not None and _normalizes_its_input(layers):
                normalization, dense, *layers = layers
                X = normalized_product(normalization, dense, X, batch)
                X = dense.activation(X if dense.bias is None else X + dense.bias)
            for layer in layers:
                if batch is not None and isinstance(layer, keras.layers.BatchNormalization):
                    X = normalized(layer, X, batch)
                elif layer._call_has_training_arg:
                    X = layer(X, training=batch is not None)
                else:
                    X = layer(X)
        return X, [scope.get_current_value(variable) for variable in self._others]


def _normalizes_its_input(layers: list[keras.layers.Layer]) -> bool:
    first = [keras.layers.BatchNormalization, keras.layers.Dense]
    return [type(layer) for layer in layers[:2]] == first
