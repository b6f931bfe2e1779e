from .classifier import KerasMLPClassifier
from .configuration import configure
from .errors import DivergenceError, RuleWarning
from .network import build_network
from .plain_network import plain_network
from .recurrent_classifier import KerasRNNClassifier
from .recurrent_regressor import KerasRNNRegressor
from .regressor import KerasMLPRegressor
from .results_version import RESULTS_VERSION

__all__ = [
    "RESULTS_VERSION",
    "DivergenceError",
    "KerasMLPClassifier",
    "KerasMLPRegressor",
    "KerasRNNClassifier",
    "KerasRNNRegressor",
    "RuleWarning",
    "build_network",
    "configure",
    "plain_network",
]
