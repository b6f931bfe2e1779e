"""The dense layer in neural tangent parametrization."""

from __future__ import annotations

import math
from typing import Any

import keras

__all__ = ["NeuralTangentDense"]


@keras.saving.register_keras_serializable(package="estimators")
class NeuralTangentDense(keras.layers.Dense):
    """``keras.layers.Dense`` whose product is divided by the root of the number of inputs.

    Weights of N(0, 1) keep the size of the signals, and a step of the optimizer changes the
    outputs of a wide layer as much as those of a narrow one.

    References
    ----------
    Jacot, Gabriel and Hongler 2018, https://arxiv.org/abs/1806.07572
    """

    def call(self, inputs: Any, training: Any = None) -> Any:
        outputs = keras.ops.matmul(inputs, self.kernel) * (1 / math.sqrt(self.kernel.shape[0]))
        if self.use_bias:
            outputs = outputs + self.bias
        return self.activation(outputs)
