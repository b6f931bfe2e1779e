"""Rows mixed with others of their minibatch."""

from __future__ import annotations

from typing import Any

import keras

from estimators.layers.dynamic_value import dynamic_value

__all__ = ["PARTNERS", "MixedRows"]

PARTNERS = "partners"
"""Under which name the dynamic values have the place of the row that each is mixed with."""


class MixedRows(keras.layers.Layer):
    """Mix each row with a partner, in training; the share of its own is the dynamic value "mixup".

    For the compiled engine, which says who is whose partner; elsewhere rows stay as they are.

    References
    ----------
    Zhang et al. 2018, https://arxiv.org/abs/1710.09412
    """

    def __init__(self, **kwargs: Any):
        super().__init__(**kwargs)
        self.supports_masking = True

    def call(self, inputs: Any, training: bool = False) -> Any:
        partners = dynamic_value(PARTNERS, None)
        if not training or partners is None:
            return inputs
        share = dynamic_value("mixup", 1.0)
        return inputs * share + keras.ops.take(inputs, partners, axis=0) * (1 - share)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape
