from .classifier import KerasMLPClassifier
from .configuration import configure
from .errors import DivergenceError, RuleWarning
from .network import build_network
from .regressor import KerasMLPRegressor
from .results_version import RESULTS_VERSION

__all__ = [
    "RESULTS_VERSION",
    "DivergenceError",
    "KerasMLPClassifier",
    "KerasMLPRegressor",
    "RuleWarning",
    "build_network",
    "configure",
]
