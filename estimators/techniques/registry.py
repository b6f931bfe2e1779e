"""Which techniques there are, and in which order they build a network."""

from __future__ import annotations

from typing import Any

from estimators.techniques.activation import Activation
from estimators.techniques.architecture import Architecture
from estimators.techniques.batch_normalization import BatchNormalization
from estimators.techniques.calibration import Calibration
from estimators.techniques.class_weight import ClassWeight
from estimators.techniques.data_initialization import DataInitialization
from estimators.techniques.dropout import Dropout
from estimators.techniques.early_stopping import EarlyStopping
from estimators.techniques.ensemble import Ensemble
from estimators.techniques.execution import Execution
from estimators.techniques.feature_scale import FeatureScale
from estimators.techniques.features import Features
from estimators.techniques.frozen_layers import FrozenLayers
from estimators.techniques.gradient_clipping import GradientClipping
from estimators.techniques.image_augmentation import ImageAugmentation
from estimators.techniques.initial_network import InitialNetwork
from estimators.techniques.initializer import Initializer
from estimators.techniques.label_smoothing import LabelSmoothing
from estimators.techniques.layer_learning_rates import LayerLearningRates
from estimators.techniques.layer_normalization import LayerNormalization
from estimators.techniques.learning_rate_factors import LearningRateFactors
from estimators.techniques.learning_rate_schedule import LearningRateSchedule
from estimators.techniques.loss import Loss
from estimators.techniques.member_sharing import MemberSharing
from estimators.techniques.minibatches import Minibatches
from estimators.techniques.mixup import Mixup
from estimators.techniques.optimizer import Optimizer
from estimators.techniques.padded_steps import PaddedSteps
from estimators.techniques.parametrization import Parametrization
from estimators.techniques.recurrence import Recurrence
from estimators.techniques.recurrent_activation import RecurrentActivation
from estimators.techniques.recurrent_dropout import RecurrentDropout
from estimators.techniques.recurrent_initializer import RecurrentInitializer
from estimators.techniques.recurrent_normalization import RecurrentNormalization
from estimators.techniques.residual import Residual
from estimators.techniques.target_standardization import TargetStandardization
from estimators.techniques.technique import Technique
from estimators.techniques.weight_averaging import WeightAveraging
from estimators.techniques.weight_decay import WeightDecay

__all__ = [
    "CLASSIFIER_TECHNIQUES",
    "RECURRENT_CLASSIFIER_TECHNIQUES",
    "RECURRENT_REGRESSOR_TECHNIQUES",
    "RECURRENT_TECHNIQUES",
    "REGRESSOR_TECHNIQUES",
    "TECHNIQUES",
    "defaults",
]

# In the order in which they build a network, of any kind.
_TRAINING: tuple[Technique, ...] = (
    Dropout(),
    GradientClipping(),
    Optimizer(),
    LearningRateSchedule(),
    LearningRateFactors(),
    WeightDecay(),
    Minibatches(),
    Mixup(),
    WeightAveraging(),
    EarlyStopping(),
    Ensemble(),
    Execution(),
)
_REUSE: tuple[Technique, ...] = (InitialNetwork(), FrozenLayers(), LayerLearningRates())
_CLASSIFICATION: tuple[Technique, ...] = (ClassWeight(), LabelSmoothing(), Calibration())
_REGRESSION: tuple[Technique, ...] = (Loss(), TargetStandardization())

_PERCEPTRON: tuple[Technique, ...] = (
    Activation(),
    Initializer(),
    Architecture(),
    Parametrization(),
    BatchNormalization(),
    LayerNormalization(),
    Residual(),
    ImageAugmentation(),
    Features(),
    FeatureScale(),
    DataInitialization(),
    *_REUSE,
    *_TRAINING[:-1],
    MemberSharing(),
    *_TRAINING[-1:],
)

CLASSIFIER_TECHNIQUES = (*_PERCEPTRON, *_CLASSIFICATION)
REGRESSOR_TECHNIQUES = (*_PERCEPTRON, *_REGRESSION)
TECHNIQUES = (*CLASSIFIER_TECHNIQUES, *_REGRESSION)

RECURRENT_TECHNIQUES: tuple[Technique, ...] = (
    Recurrence(),
    RecurrentActivation(),
    RecurrentInitializer(),
    RecurrentNormalization(),
    RecurrentDropout(),
    PaddedSteps(),
)
"""What recurrent networks alone have."""

_RECURRENT: tuple[Technique, ...] = (
    Initializer(),
    *_REUSE,
    *_TRAINING,
    *RECURRENT_TECHNIQUES,
)

RECURRENT_CLASSIFIER_TECHNIQUES = (*_RECURRENT, *_CLASSIFICATION)
RECURRENT_REGRESSOR_TECHNIQUES = (*_RECURRENT, *_REGRESSION)


def defaults(techniques: tuple[Technique, ...] = TECHNIQUES) -> dict[str, Any]:
    """Collect the defaults of the hyperparameters, by name."""
    return {
        hyperparameter.name: hyperparameter.default
        for technique in techniques
        for hyperparameter in technique.hyperparameters
    }
