"""Activation functions that Keras lacks, or has in a slower form."""

from __future__ import annotations

from typing import Any

import keras

__all__ = ["ParametricActivation", "mish"]

_LINEAR_FROM = 20.0  # where mish(x) is x to float32's rounding, and exp(x) squared still finite


@keras.saving.register_keras_serializable(package="estimators")
class ParametricActivation(keras.layers.Layer):
    """Between a straight line and an activation function, ``x + alpha * (sigma(x) - x)``.

    Each unit learns its ``alpha``, which begins with 1, the activation function itself.

    Parameters
    ----------
    activation : keras.layers.Layer
        The layer of the function ``sigma``.

    References
    ----------
    Holzmüller et al. 2024, https://arxiv.org/abs/2407.04491, section 3
    """

    def __init__(self, activation: keras.layers.Layer, **kwargs: Any):
        super().__init__(**kwargs)
        self.activation = activation
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        if not self.activation.built:  # as it is where the layer is loaded
            self.activation.build(input_shape)
        self.alpha = self.add_weight(name="alpha", shape=(input_shape[-1],), initializer="ones")

    def call(self, inputs: Any) -> Any:
        return inputs + self.alpha * (self.activation(inputs) - inputs)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        activation = keras.saving.serialize_keras_object(self.activation)
        return {**super().get_config(), "activation": activation}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> ParametricActivation:
        activation = keras.saving.deserialize_keras_object(config["activation"])
        return cls(**{**config, "activation": activation})


@keras.saving.register_keras_serializable(package="estimators")
def mish(inputs: Any) -> Any:
    """Mish, ``x * tanh(log(1 + exp(x)))``, by a single exponential.

    References
    ----------
    Misra 2019, https://arxiv.org/abs/1908.08681
    """
    power = keras.ops.exp(keras.ops.minimum(inputs, _LINEAR_FROM))
    product = power * (power + 2)
    return inputs * (product / (product + 2))
