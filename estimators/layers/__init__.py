"""Keras layers that Keras does not have, or not as the training engine needs them."""

from estimators.layers.batch_normalization import MaskedBatchNormalization, NormalizedDense
from estimators.layers.dropout import AlphaDropout, Dropout
from estimators.layers.dynamic_value import dynamic_value, dynamic_values
from estimators.layers.leaky_relu import LeakyReLU, RandomizedLeakyReLU

__all__ = [
    "AlphaDropout",
    "Dropout",
    "LeakyReLU",
    "MaskedBatchNormalization",
    "NormalizedDense",
    "RandomizedLeakyReLU",
    "dynamic_value",
    "dynamic_values",
]
