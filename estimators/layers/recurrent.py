"""Recurrent layers, as quick to compile as to run, with layer normalization and dropout inside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from estimators.layers.cells import CELLS, Normalization, normalized
from estimators.layers.draws import seed_generator, uniform
from estimators.layers.dynamic_value import dynamic_value
from estimators.layers.scan import scan

__all__ = ["Recurrent"]


@keras.saving.register_keras_serializable(package="estimators")
class Recurrent(keras.layers.Layer):
    """A recurrent layer; without layer normalization and dropout what Keras' own layer computes.

    Its weights are then those of ``keras.layers.SimpleRNN``, ``LSTM`` or ``GRU``, in their order.

    Parameters
    ----------
    units : int
    cell : {"simple", "lstm", "gru"}, default="lstm"
    activation : str, default="tanh"
        Of the candidates and the output; gates have the logistic function.
    layer_norm : bool, default=False
        Whether the products are normalized over the units of a row, in each step: in a simple
        cell their sum, else each of them over all gates, and what an LSTM remembers.
    recurrent_dropout : float, default=0.0
        Share of the units, in [0, 1), whose state no gate sees in training; the same units in
        all steps of a row.
    return_sequences : bool, default=False
        Whether to give the outputs of all steps, not of the last one alone.
    go_backwards : bool, default=False
        Whether to begin at the last step; outputs are in the order in which they come.
    kernel_initializer, recurrent_initializer, bias_initializer : keras.initializers.Initializer
        The gate with which an LSTM remembers has biases of 1, whatever the others are.
    seed : int, default=None
        Of the draws.

    References
    ----------
    Hochreiter and Schmidhuber 1997, https://doi.org/10.1162/neco.1997.9.8.1735; Cho et al. 2014,
    https://arxiv.org/abs/1406.1078; Ba et al. 2016, https://arxiv.org/abs/1607.06450; Gal and
    Ghahramani 2016, https://arxiv.org/abs/1512.05287
    """

    # What keras.layers.Bidirectional wants to know of a layer.
    stateful = False
    return_state = False

    def __init__(
        self,
        units: int,
        cell: str = "lstm",
        activation: str = "tanh",
        *,
        layer_norm: bool = False,
        recurrent_dropout: float = 0.0,
        return_sequences: bool = False,
        go_backwards: bool = False,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        seed: int | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.units = units
        self.cell = cell
        self.activation = keras.activations.get(activation)
        self.layer_norm = layer_norm
        self.recurrent_dropout = float(recurrent_dropout)
        self.return_sequences = return_sequences
        self.go_backwards = go_backwards
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.recurrent_initializer = keras.initializers.get(recurrent_initializer)
        self.bias_initializer = keras.initializers.get(bias_initializer)
        self.seed = seed
        self.seed_generator = seed_generator(seed)
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        cell, units = CELLS[self.cell], self.units
        width = cell.n_gates * units
        self.kernel = self.add_weight(
            (input_shape[-1], width), self.kernel_initializer, name="kernel"
        )
        self.recurrent_kernel = self.add_weight(
            (units, width), self.recurrent_initializer, name="recurrent_kernel"
        )
        self.bias = self.add_weight(
            (2, width) if self.cell == "gru" else (width,), self._first_bias, name="bias"
        )
        self.scales = []
        if self.layer_norm:
            if not cell.normalizes_sum:
                self.input_scale = self.add_weight((width,), "ones", name="input_gamma")
            self.scales = [self.add_weight((width,), "ones", name="gamma")]
            if cell.n_states > 1:
                self.scales.append(self.add_weight((units,), "ones", name="state_gamma"))
                self.scales.append(self.add_weight((units,), "zeros", name="beta"))

    def call(
        self,
        sequences: tf.Tensor,
        initial_state: None = None,
        mask: tf.Tensor | None = None,
        training: bool = False,
    ) -> tf.Tensor:
        cell = CELLS[self.cell]
        by_step = tf.transpose(sequences, [1, 0, 2])
        present = None if mask is None else tf.transpose(mask)[..., None]
        if self.go_backwards:
            by_step = by_step[::-1]
            present = None if present is None else present[::-1]
        products, bias, parameters = self._products(by_step)
        outputs = scan(
            self._step,
            products,
            tf.convert_to_tensor(self.recurrent_kernel.value),
            bias,
            parameters,
            n_states=cell.n_states,
            mask=present,
            factor=self._factor(tf.shape(sequences)[0]) if training else None,
        )
        return tf.transpose(outputs, [1, 0, 2]) if self.return_sequences else outputs[-1]

    def _products(
        self, by_step: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor | None, Sequence[tf.Tensor]]:
        """The input's products, the bias of the state's, and what a step needs besides."""
        bias = tf.convert_to_tensor(self.bias.value)
        products = tf.tensordot(by_step, self.kernel.value, 1)
        parameters = [tf.convert_to_tensor(scale.value) for scale in self.scales]
        if self.layer_norm and CELLS[self.cell].normalizes_sum:
            return products, None, [*parameters, bias]
        if self.layer_norm:
            products = normalized(products, self.input_scale.value)
        if self.cell == "gru":
            return products + bias[0], bias[1], parameters
        return products + bias, None, parameters

    def _step(
        self,
        of_input: tf.Tensor,
        of_state: tf.Tensor,
        states: list[Any],
        parameters: Sequence[tf.Tensor],
    ) -> list[tf.Tensor]:
        norm = None
        if self.layer_norm:
            scale, *rest = parameters
            norm = Normalization(scale, *rest[-1:], *rest[:-1])
        return CELLS[self.cell].step(of_input, of_state, states, self.activation, norm)

    def _factor(self, n_rows: tf.Tensor) -> tf.Tensor | None:
        """What the state is multiplied by before the products: 0 for the units dropped."""
        if not self.recurrent_dropout:
            return None
        rate = dynamic_value("recurrent_dropout", self.recurrent_dropout)
        kept = uniform([n_rows, self.units], self.seed_generator) >= rate
        return tf.where(kept, 1 / (1 - rate), 0.0)

    def _first_bias(self, shape: Any, dtype: Any = None) -> Any:
        if self.cell != "lstm":
            return self.bias_initializer(shape, dtype=dtype)
        parts = [
            self.bias_initializer((self.units,), dtype=dtype),
            keras.ops.ones((self.units,), dtype),
            self.bias_initializer((2 * self.units,), dtype=dtype),
        ]
        return keras.ops.concatenate(parts)

    def compute_mask(self, sequences: Any, previous_mask: Any = None) -> Any:
        """Of the steps, where all are given."""
        return previous_mask if self.return_sequences else None

    def compute_output_shape(self, sequences_shape: Any, initial_state_shape: Any = None) -> Any:
        shape = (*sequences_shape[:-1], self.units)
        return shape if self.return_sequences else (shape[0], shape[-1])

    def get_config(self) -> dict[str, Any]:
        serialize = keras.initializers.serialize
        return {
            **super().get_config(),
            "units": self.units,
            "cell": self.cell,
            "activation": keras.activations.serialize(self.activation),
            "layer_norm": self.layer_norm,
            "recurrent_dropout": self.recurrent_dropout,
            "return_sequences": self.return_sequences,
            "go_backwards": self.go_backwards,
            "kernel_initializer": serialize(self.kernel_initializer),
            "recurrent_initializer": serialize(self.recurrent_initializer),
            "bias_initializer": serialize(self.bias_initializer),
            "seed": self.seed,
        }
