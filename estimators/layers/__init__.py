"""Keras layers that Keras does not have, or not as the training engine needs them."""

from estimators.layers.batch_ensemble import BatchEnsembleDense, MemberDense, MemberScale
from estimators.layers.batch_normalization import (
    PRESENT,
    MaskedBatchNormalization,
    NormalizedDense,
)
from estimators.layers.dropout import AlphaDropout, Dropout
from estimators.layers.dynamic_value import dynamic_value, dynamic_values
from estimators.layers.feature_scale import FeatureScale
from estimators.layers.features import Features
from estimators.layers.image_augmentation import ImageAugmentation
from estimators.layers.leaky_relu import LeakyReLU, RandomizedLeakyReLU
from estimators.layers.mixed_rows import PARTNERS, MixedRows
from estimators.layers.neural_tangent_dense import NeuralTangentDense
from estimators.layers.padded_steps import PaddedSteps, real_steps
from estimators.layers.parametric_activation import ParametricActivation, mish
from estimators.layers.recurrent import Recurrent

__all__ = [
    "PARTNERS",
    "PRESENT",
    "AlphaDropout",
    "BatchEnsembleDense",
    "Dropout",
    "FeatureScale",
    "Features",
    "ImageAugmentation",
    "LeakyReLU",
    "MaskedBatchNormalization",
    "MemberDense",
    "MemberScale",
    "MixedRows",
    "NeuralTangentDense",
    "NormalizedDense",
    "PaddedSteps",
    "ParametricActivation",
    "RandomizedLeakyReLU",
    "Recurrent",
    "dynamic_value",
    "dynamic_values",
    "mish",
    "real_steps",
]
