"""Keras layers that Keras does not have, or not as the training engine needs them."""

from estimators.layers.batch_normalization import MaskedBatchNormalization, NormalizedDense
from estimators.layers.dropout import AlphaDropout, Dropout
from estimators.layers.leaky_relu import LeakyReLU, RandomizedLeakyReLU
from estimators.layers.run_time_value import run_time_value, run_time_values

__all__ = [
    "AlphaDropout",
    "Dropout",
    "LeakyReLU",
    "MaskedBatchNormalization",
    "NormalizedDense",
    "RandomizedLeakyReLU",
    "run_time_value",
    "run_time_values",
]
