"""Sequences of different length, padded with nan."""

from __future__ import annotations

from typing import Any

import keras

__all__ = ["PaddedSteps", "real_steps"]


def real_steps(sequences: Any) -> Any:
    """Say of each row and step whether it holds values: whether not all of its channels are nan.

    Parameters
    ----------
    sequences : tensor of shape (n_rows, n_steps, n_channels)

    Returns
    -------
    tensor of shape (n_rows, n_steps), bool
    """
    return ~keras.ops.all(keras.ops.isnan(sequences), axis=-1)


@keras.saving.register_keras_serializable(package="estimators")
class PaddedSteps(keras.layers.Layer):
    """Put 0 in place of nan, and tell the layers behind which steps hold values.

    A step whose channels are all nan is padding; ``keras.layers.Masking`` does not know it, as nan
    is not equal to itself.
    """

    def __init__(self, **kwargs: Any):
        super().__init__(**kwargs)
        self.supports_masking = True

    def call(self, inputs: Any) -> Any:
        return keras.ops.where(keras.ops.isnan(inputs), 0.0, inputs)

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """Of each row and step whether it holds values."""
        return real_steps(inputs)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape
