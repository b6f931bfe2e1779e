"""Layers that compute several networks in one: members share kernels, and scale what goes through.

Between them stand arrays of shape (n_rows, n_members, n_units), so that the members of a row are
rows of one product.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal

import keras
import numpy as np

__all__ = ["BatchEnsembleDense", "MemberDense", "MemberScale"]


@keras.saving.register_keras_serializable(package="estimators")
class MemberScale(keras.layers.Layer):
    """Give each member of an ensemble the input, in random scales that are its own and learned.

    Parameters
    ----------
    n_members : int
    distribution : {"signs", "normal"}, default="signs"
        Of the first scales: -1 and 1 alike, or N(0, 1).
    groups : sequence of int, default=None
        A number for each input; those of one number, say all that encode one column of a table,
        begin with one scale. None for a draw each.
    seed : int, default=None
        Seed of the draws.

    References
    ----------
    Gorishniy et al. 2024, https://arxiv.org/abs/2410.24210, section 3
    """

    def __init__(
        self,
        n_members: int,
        distribution: Literal["signs", "normal"] = "signs",
        groups: Sequence[int] | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.n_members = n_members
        self.distribution = distribution
        self.groups = None if groups is None else list(groups)
        self.seed = seed
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        self.scale = self.add_weight(
            name="scale",
            shape=(self.n_members, input_shape[-1]),
            initializer=lambda shape, dtype: self._drawn(shape[1]).astype(dtype),
        )

    def _drawn(self, n_inputs: int) -> np.ndarray:
        groups = np.arange(n_inputs) if self.groups is None else np.asarray(self.groups)
        numbers, group_of_input = np.unique(groups, return_inverse=True)
        draws = np.random.default_rng(self.seed).normal(size=(self.n_members, len(numbers)))
        if self.distribution == "signs":
            draws = np.where(draws < 0, -1.0, 1.0)
        return draws[:, group_of_input]

    def call(self, inputs: Any) -> Any:
        return inputs[:, None, :] * self.scale

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape[0], self.n_members, input_shape[-1]

    def get_config(self) -> dict[str, Any]:
        names = ("n_members", "distribution", "groups", "seed")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


class _DenseOfMembers(keras.layers.Layer):
    """What the dense layers have in common."""

    def __init__(
        self,
        units: int,
        n_members: int,
        *,
        activation: Any = None,
        use_bias: bool = True,
        neural_tangent: bool = False,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.units = units
        self.n_members = n_members
        self.activation = keras.activations.get(activation)
        self.use_bias = use_bias
        self.neural_tangent = neural_tangent
        self.supports_masking = True

    def _add_bias(self, initializer: Any = "zeros") -> None:
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                name="bias", shape=(self.n_members, self.units), initializer=initializer
            )

    def _gain(self, inputs: Any) -> float:
        return 1 / math.sqrt(inputs.shape[-1]) if self.neural_tangent else 1.0

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape[0], self.n_members, self.units

    def get_config(self) -> dict[str, Any]:
        names = ("units", "n_members", "use_bias", "neural_tangent")
        return {
            **super().get_config(),
            **{name: getattr(self, name) for name in names},
            "activation": keras.activations.serialize(self.activation),
        }


@keras.saving.register_keras_serializable(package="estimators")
class BatchEnsembleDense(_DenseOfMembers):
    """A dense layer whose kernel the members share: ``((x * r) W) * s + b``.

    Each member has scales ``r`` of the inputs and ``s`` of the products, which begin with 1, and a
    bias ``b``.

    Parameters
    ----------
    units, n_members : int
    scale_inputs : bool, default=True
        Whether there is an ``r``.
    activation : str or callable, default=None
    use_bias : bool, default=True
    neural_tangent : bool, default=False
        Whether products are divided by the root of the number of inputs.
    kernel_initializer, bias_initializer : str or keras.initializers.Initializer

    References
    ----------
    Wen, Tran and Ba 2020, https://arxiv.org/abs/2002.06715; Gorishniy et al. 2024,
    https://arxiv.org/abs/2410.24210, section 3
    """

    def __init__(
        self,
        units: int,
        n_members: int,
        *,
        scale_inputs: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        **kwargs: Any,
    ):
        super().__init__(units, n_members, **kwargs)
        self.scale_inputs = scale_inputs
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.bias_initializer = keras.initializers.get(bias_initializer)

    def build(self, input_shape: Any) -> None:
        n_inputs = input_shape[-1]
        if self.scale_inputs:
            self.input_scale = self.add_weight(
                name="input_scale", shape=(self.n_members, n_inputs), initializer="ones"
            )
        self.kernel = self.add_weight(
            name="kernel", shape=(n_inputs, self.units), initializer=self.kernel_initializer
        )
        self.output_scale = self.add_weight(
            name="output_scale", shape=(self.n_members, self.units), initializer="ones"
        )
        self._add_bias(self.bias_initializer)

    def call(self, inputs: Any) -> Any:
        scaled = inputs * self.input_scale if self.scale_inputs else inputs
        products = keras.ops.matmul(scaled, self.kernel)
        outputs = products * (self.output_scale * self._gain(inputs))
        return self.activation(outputs if self.bias is None else outputs + self.bias)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "scale_inputs": self.scale_inputs,
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
            "bias_initializer": keras.initializers.serialize(self.bias_initializer),
        }


@keras.saving.register_keras_serializable(package="estimators")
class MemberDense(_DenseOfMembers):
    """A dense layer for each member, with nothing shared.

    Kernels begin as ``glorot_uniform`` has it, or with N(0, 1) in neural tangent parametrization.

    Parameters
    ----------
    units, n_members : int
    activation : str or callable, default=None
    use_bias : bool, default=True
    neural_tangent : bool, default=False
        Whether products are divided by the root of the number of inputs.
    seed : int, default=None
        Seed of the first kernels.
    """

    def __init__(self, units: int, n_members: int, *, seed: int | None = None, **kwargs: Any):
        super().__init__(units, n_members, **kwargs)
        self.seed = seed

    def build(self, input_shape: Any) -> None:
        n_inputs = input_shape[-1]
        bound = math.sqrt(6 / (n_inputs + self.units))  # Glorot's, of a kernel by itself
        uniform = keras.initializers.RandomUniform(-bound, bound, seed=self.seed)
        normal = keras.initializers.RandomNormal(0.0, 1.0, seed=self.seed)
        self.kernel = self.add_weight(
            name="kernel",
            shape=(self.n_members, n_inputs, self.units),
            initializer=normal if self.neural_tangent else uniform,
        )
        self._add_bias()

    def call(self, inputs: Any) -> Any:
        products = keras.ops.einsum("rmi,mio->rmo", inputs, self.kernel * self._gain(inputs))
        return self.activation(products if self.bias is None else products + self.bias)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "seed": self.seed}
