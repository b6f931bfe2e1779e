"""A learned scale for each input."""

from __future__ import annotations

from typing import Any

import keras

__all__ = ["FeatureScale"]


@keras.saving.register_keras_serializable(package="estimators")
class FeatureScale(keras.layers.Layer):
    """Multiply each input by a number that is learned and begins with 1.

    References
    ----------
    Holzmüller et al. 2024, https://arxiv.org/abs/2407.04491, section 3
    """

    def __init__(self, **kwargs: Any):
        super().__init__(**kwargs)
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        self.scale = self.add_weight(name="scale", shape=(input_shape[-1],), initializer="ones")

    def call(self, inputs: Any) -> Any:
        return inputs * self.scale

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape
