"""Keras multilayer perceptrons as scikit-learn estimators."""

from estimators import _tensorflow  # noqa: F401  (before anything that imports it)
from estimators.classifier import KerasMLPClassifier
from estimators.errors import DivergenceError, RuleWarning
from estimators.network import build_network
from estimators.regressor import KerasMLPRegressor

__all__ = [
    "DivergenceError",
    "KerasMLPClassifier",
    "KerasMLPRegressor",
    "RuleWarning",
    "build_network",
]
