"""One epoch of training and validation, as a pure function of state and data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import tensorflow as tf

from estimators._tensorflow import Graph, traced_graph
from estimators.engine.key import ProgramKey
from estimators.engine.loss import BatchLoss, Targets, mixed
from estimators.engine.rows import PaddedRows
from estimators.engine.state import State, StateLayout
from estimators.engine.updates import FusedWeights, OptimizerState, Update
from estimators.layers import PARTNERS, PRESENT, NormalizedDense, dynamic_values, real_steps
from estimators.network import network_of

__all__ = ["Epoch"]

# Layers for which it matters which places of a batch hold no row.
_LAYERS_WITH_MASK = (keras.layers.BatchNormalization, keras.layers.RNN, NormalizedDense)


class Epoch:
    """An epoch of any model of a key, ready to be traced.

    Weights, optimizer state and random counters come in as a state and go out as a new one. No
    variable is read or written, so that calls do not disturb each other.

    Parameters
    ----------
    key : ProgramKey

    Attributes
    ----------
    layout : StateLayout
    value_names : list of str
        The dynamic values of a step, in order.
    log_names : list of str
        Loss and metrics, then those of the validation rows.
    """

    def __init__(self, key: ProgramKey):
        self.key = key
        self._params = key.network.params
        self.value_names = key.network.dynamic_names
        self._model = network_of(
            key.network.techniques,
            self._params,
            input_shape=key.network.input_shape,
            n_outputs=key.network.n_outputs,
            output_activation=key.network.output_activation,
            seed=0,
            features=key.network.features,
            for_engine=True,
        )
        self._has_members = self._params.get("member_sharing") is not None
        self._by_step = len(key.target_shape) > 1
        self._loss = BatchLoss(key.network.objective, key.network.n_outputs)
        self._metrics = key.network.objective.make_metrics()
        self._needs_mask = any(isinstance(each, _LAYERS_WITH_MASK) for each in self._model.layers)
        trained = [is_trained for _, _, is_trained in key.variables]
        for variable, is_trained in zip(self._model.variables, trained, strict=True):
            variable.trainable = is_trained
        weights = self._model.trainable_variables
        self._fused = FusedWeights([tuple(each.shape) for each in weights])
        self._update = Update(
            key.network.techniques, self._params, self._fused, [each.path for each in weights]
        )
        self.layout = StateLayout(
            trained, self._fused, self._update, averages="weight_averaging" in self.value_names
        )

    @property
    def log_names(self) -> list[str]:
        names = ["loss", *(metric.name for metric in self._metrics)]
        if self.key.n_validation:
            names += [f"val_{name}" for name in names]
        return names

    @property
    def numbers_of_rows(self) -> list[int]:
        """Which inputs of the graph are rows."""
        n_rows = len(PaddedRows._fields)
        first = len(self.state_signature) + 1
        numbers = [*range(first, first + n_rows)]
        if self.key.n_validation:
            numbers += range(first + n_rows + 1, first + 2 * n_rows + 1)
        return numbers

    def graph(self) -> Graph:
        """Trace the epoch.

        Returns
        -------
        Graph
            Takes the state as :attr:`layout` lists it, the dynamic values of each step, the rows,
            their order (in int32, padded to whole batches) and the validation rows, if any;
            returns the new state and the logs.
        """
        key = self.key
        signature = [
            self.state_signature,
            tf.TensorSpec([key.n_steps, len(self.value_names)]),
            self._rows_signature(key.n_rows, key.weighted),
            tf.TensorSpec([key.n_steps * key.batch_size], "int32"),
        ]
        if key.n_validation:
            signature.append(self._rows_signature(key.n_validation, key.validation_weighted))
        return traced_graph(self._run, signature, jit=key.jit)

    @property
    def state_signature(self) -> list[tf.TensorSpec]:
        """Shapes and types of a state, as :attr:`layout` lists it."""
        weights = [tf.TensorSpec(shape) for shape in self._fused.shapes]
        return self.layout.flat(
            State(
                weights,
                [
                    tf.TensorSpec(variable.shape, variable.dtype)
                    for variable in self._model.non_trainable_variables
                ],
                OptimizerState(
                    tf.TensorSpec([], "int64"),
                    dict.fromkeys(self._update.scalar_names, tf.TensorSpec([])),
                    dict.fromkeys(self._update.slot_names, weights),
                ),
                weights if self.layout.averages else [],
            )
        )

    def _rows_signature(self, room: int, weighted: bool) -> PaddedRows:
        return PaddedRows(
            tf.TensorSpec([room, *self.key.network.input_shape]),
            tf.TensorSpec([room, *self.key.target_shape]),
            tf.TensorSpec([room, *self.key.target_shape[:-1]] if weighted else [0]),
            tf.TensorSpec([], "int32"),
        )

    def _run(
        self,
        arrays: list[tf.Tensor],
        values: tf.Tensor,
        rows: PaddedRows,
        order: tf.Tensor,
        validation: PaddedRows | None = None,
    ) -> tuple[list[tf.Tensor], tf.Tensor]:
        logs, state = self._train(rows, order, values, self.layout.nested(arrays))
        if validation is not None:
            last = _n_batches(rows.n_rows, self.key.batch_size) - 1
            logs += self._validate(validation, state, self._named(values, last))
        return self.layout.flat(state), tf.stack(logs)

    def _train(
        self, rows: PaddedRows, order: tf.Tensor, values: tf.Tensor, state: State
    ) -> tuple[list[tf.Tensor], State]:
        size = self.key.batch_size

        def step(number: tf.Tensor, sums: Any, state: State) -> tuple[Any, State]:
            picked = tf.slice(order, [number * size], [size])
            X, y = tf.gather(rows.X, picked), tf.gather(rows.y, picked)
            present = tf.range(size) < rows.n_rows - number * size
            n_present = tf.minimum(rows.n_rows - number * size, size)
            count = tf.cast(n_present, tf.float32)
            sample_weight = tf.gather(rows.sample_weight, picked) if self.key.weighted else None
            own: dict[str, tf.Tensor] = self._named(values, number)
            targets = [self._targets(X, y, tf.cast(present, tf.float32), sample_weight)]
            if "mixup" in own:
                own[PARTNERS] = _following(size, n_present)
                targets = mixed(targets[0], own[PARTNERS], own["mixup"])
            n_rows = count
            if self._by_step:
                count = tf.add_n([tf.reduce_sum(each.weight) for each in targets])
            weights = self._fused.split(state.weights)
            with tf.GradientTape() as tape:
                tape.watch(weights)
                outputs, others = self._outputs(X, weights, state.others, own, present)
                total = self._loss.in_training(targets, outputs, own)
                loss = total / count
            fused, optimizer = self._update(
                tape.gradient(loss, weights),
                state.weights,
                state.optimizer,
                {**self._params, **own},
            )
            averages = state.averages
            if averages:
                share = own["weight_averaging"]
                pairs = zip(averages, fused, strict=True)
                averages = [average * (1 - share) + each * share for average, each in pairs]
            new = State(fused, others, optimizer, averages)
            if self._by_step:  # as Model.fit has it, whatever the number of steps is
                total = loss * n_rows
            return self._added(sums, total, targets, self._prediction(outputs)), new

        return self._looped(step, rows.n_rows, size, state)

    def _named(self, values: tf.Tensor, step: tf.Tensor) -> dict[str, tf.Tensor]:
        """Dynamic values of a step, by name."""
        return dict(zip(self.value_names, tf.unstack(tf.gather(values, step)), strict=True))

    def _validate(
        self, rows: PaddedRows, state: State, values: Mapping[str, tf.Tensor]
    ) -> list[tf.Tensor]:
        size = self.key.validation_batch_size
        room = self.key.n_validation
        weights = self._fused.split(state.evaluated)

        def step(number: tf.Tensor, sums: Any, nothing: tuple[()]) -> tuple[Any, tuple[()]]:
            # The last slice begins early enough to be whole; rows already seen count for nothing.
            begin = tf.minimum(number * size, room - size)
            position = begin + tf.range(size)
            X, y = _slice(rows.X, begin, size), _slice(rows.y, begin, size)
            present = (position >= number * size) & (position < rows.n_rows)
            sample_weight = None
            if self.key.validation_weighted:
                sample_weight = _slice(rows.sample_weight, begin, size)
            outputs = self._prediction(self._outputs(X, weights, state.others, values)[0])
            targets = self._targets(X, y, tf.cast(present, tf.float32), sample_weight)
            return self._added(sums, self._loss(targets, outputs), [targets], outputs), nothing

        (loss, *metrics), _ = self._looped(step, rows.n_rows, size, ())
        if self._by_step:
            weight = tf.cast(tf.range(room) < rows.n_rows, tf.float32)
            n_steps = tf.reduce_sum(self._targets(rows.X, rows.y, weight, None).weight)
            loss *= tf.cast(rows.n_rows, tf.float32) / n_steps
        return [loss, *metrics]

    def _targets(
        self, X: tf.Tensor, y: tf.Tensor, weight: tf.Tensor, sample_weight: tf.Tensor | None
    ) -> Targets:
        """Targets of rows, or of their real steps where the network answers in each."""
        if self._by_step:
            weight = weight[:, None] * tf.cast(real_steps(X), tf.float32)
        loss_weight = weight if sample_weight is None else weight * sample_weight
        return Targets(y, loss_weight, weight)

    def _looped(
        self, step: Callable[..., Any], n_rows: tf.Tensor, size: int, state: Any
    ) -> tuple[list[tf.Tensor], Any]:
        """Run a step for every batch; return mean loss and metrics, and the last state."""
        n_batches = _n_batches(n_rows, size)
        zeros = [
            [tf.zeros(variable.shape, variable.dtype) for variable in metric.variables]
            for metric in self._metrics
        ]
        _, (total, sums), state = tf.while_loop(
            lambda number, *_: number < n_batches,
            lambda number, sums, state: (number + 1, *step(number, sums, state)),
            (tf.constant(0), (tf.constant(0.0), zeros), state),
        )
        results = [
            metric.stateless_result(each) for metric, each in zip(self._metrics, sums, strict=True)
        ]
        return [total / tf.cast(n_rows, tf.float32), *results], state

    def _added(
        self, sums: Any, loss: tf.Tensor, targets: Sequence[Targets], outputs: tf.Tensor
    ) -> tuple[tf.Tensor, list[Any]]:
        total, of_metrics = sums
        for each in targets:
            of_metrics = [
                metric.stateless_update_state(own, each.y, outputs, sample_weight=each.weight)
                for metric, own in zip(self._metrics, of_metrics, strict=True)
            ]
        return total + loss, of_metrics

    def _outputs(
        self,
        X: tf.Tensor,
        weights: list[tf.Tensor],
        others: list[tf.Tensor],
        values: Mapping[str, tf.Tensor],
        present: tf.Tensor | None = None,
    ) -> tuple[tf.Tensor, list[tf.Tensor]]:
        """Run the network, in training where it is said which places of the batch hold a row."""
        mask = {}
        if self._needs_mask and present is not None:
            mask, values = {"mask": present}, {**values, PRESENT: present}
        with dynamic_values(values):
            outputs, others = self._model.stateless_call(
                weights, others, X, training=present is not None, **mask
            )
        # As they are: Keras' losses look for the logits behind them.
        return outputs, others

    def _prediction(self, outputs: tf.Tensor) -> tf.Tensor:
        """The mean of the members' outputs, where members share the network."""
        if self._has_members:
            return tf.reduce_mean(outputs, axis=1)
        # By step without Keras' mask, which is one of rows; the weights say which steps are there.
        return tf.identity(outputs) if self._by_step else outputs


def _n_batches(n_rows: tf.Tensor, size: int) -> tf.Tensor:
    return (n_rows + size - 1) // size


def _following(size: int, n_present: tf.Tensor) -> tf.Tensor:
    """For each place of a batch the next one, and for the last row the first."""
    following = tf.range(1, size + 1)
    return tf.where(following < n_present, following, 0)


def _slice(tensor: tf.Tensor, begin: tf.Tensor, size: int) -> tf.Tensor:
    rest = tensor.shape[1:]
    return tf.slice(tensor, [begin, *[0] * len(rest)], [size, *rest])
