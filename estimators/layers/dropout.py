"""Dropout, with random numbers that are the same in every engine."""

from __future__ import annotations

from typing import Any

import keras

from estimators.layers.draws import seed_generator, uniform
from estimators.layers.dynamic_value import dynamic_value

__all__ = ["AlphaDropout", "Dropout"]

_SATURATION = -1.7580993408473766  # selu's limit below zero: -scale * alpha


@keras.saving.register_keras_serializable(package="estimators")
class Dropout(keras.layers.Layer):
    """Dropout whose rate is a dynamic value.

    In training each input is set to 0 with probability ``rate``, and the others are scaled up so
    that the sum stays the same on average.

    Parameters
    ----------
    rate : float
        In [0, 1).
    seed : int, default=None
        Seed of the draws.

    References
    ----------
    Srivastava et al. 2014, https://jmlr.org/papers/v15/srivastava14a.html
    """

    def __init__(self, rate: float, seed: int | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        self.rate = float(rate)
        self.seed = seed
        self.seed_generator = seed_generator(seed)
        self.supports_masking = True

    def call(self, inputs: Any, training: bool = False) -> Any:
        if not training or not self.rate:
            return inputs
        return self._dropped(inputs, dynamic_value("dropout", self.rate))

    def _dropped(self, inputs: Any, rate: Any) -> Any:
        return keras.ops.where(self._kept(inputs, rate), inputs * (1 / (1 - rate)), 0.0)

    def _kept(self, inputs: Any, rate: Any) -> Any:
        return uniform(keras.ops.shape(inputs), self.seed_generator) >= rate

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "rate": self.rate, "seed": self.seed}


@keras.saving.register_keras_serializable(package="estimators")
class AlphaDropout(Dropout):
    """Alpha dropout whose rate is a dynamic value.

    Dropped inputs take the value to which selu saturates, and all are scaled and shifted so that
    mean 0 and deviation 1 remain.

    References
    ----------
    Klambauer et al. 2017, https://arxiv.org/abs/1706.02515
    """

    def _dropped(self, inputs: Any, rate: Any) -> Any:
        scale = ((1 - rate) * (1 + rate * _SATURATION**2)) ** -0.5
        shift = -scale * _SATURATION * rate
        return scale * keras.ops.where(self._kept(inputs, rate), inputs, _SATURATION) + shift
