"""Leaky ReLU with a slope that is fixed or drawn."""

from __future__ import annotations

from typing import Any

import keras

from estimators.layers.draws import seed_generator, uniform
from estimators.layers.dynamic_value import dynamic_value

__all__ = ["LeakyReLU", "RandomizedLeakyReLU"]


@keras.saving.register_keras_serializable(package="estimators")
class LeakyReLU(keras.layers.LeakyReLU):
    """Leaky ReLU as Keras has it, whose slope is a dynamic value."""

    def call(self, inputs: Any) -> Any:
        slope = dynamic_value("negative_slope", self.negative_slope)
        return keras.ops.where(inputs >= 0, inputs, inputs * slope)


@keras.saving.register_keras_serializable(package="estimators")
class RandomizedLeakyReLU(keras.layers.Layer):
    """Leaky ReLU whose slope below zero is drawn anew for every unit, row and step.

    In training a negative input is divided by a number drawn uniformly from
    ``[lower, upper]``; at prediction it is divided by the mean of the two.

    Parameters
    ----------
    lower, upper : float, default=3, 8
        Bounds of the divisor, those of the paper.
    seed : int, default=None
        Seed of the draws.

    References
    ----------
    Xu, Wang, Chen and Li, "Empirical Evaluation of Rectified Activations in Convolutional
    Network", 2015, https://arxiv.org/abs/1505.00853
    """

    def __init__(
        self, lower: float = 3.0, upper: float = 8.0, seed: int | None = None, **kwargs: Any
    ):
        super().__init__(**kwargs)
        self.lower = lower
        self.upper = upper
        self.seed = seed
        self.seed_generator = seed_generator(seed)
        self.supports_masking = True

    def call(self, inputs: Any, training: bool = False) -> Any:
        if training:
            draws = uniform(keras.ops.shape(inputs), self.seed_generator)
            divisor = self.lower + (self.upper - self.lower) * draws
        else:
            divisor = keras.ops.cast((self.lower + self.upper) / 2, inputs.dtype)
        return keras.ops.where(inputs >= 0, inputs, inputs / divisor)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "lower": self.lower,
            "upper": self.upper,
            "seed": self.seed,
        }
