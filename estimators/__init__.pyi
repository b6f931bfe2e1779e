from .classifier import KerasMLPClassifier
from .compile_ahead import compile_ahead
from .configuration import configure
from .diagnosis import Diagnosis, Finding, diagnose
from .errors import DivergenceError, RuleWarning
from .network import build_network
from .plain_network import plain_network
from .recurrent_classifier import KerasRNNClassifier
from .recurrent_regressor import KerasRNNRegressor
from .regressor import KerasMLPRegressor
from .results_version import RESULTS_VERSION

__all__ = [
    "RESULTS_VERSION",
    "Diagnosis",
    "DivergenceError",
    "Finding",
    "KerasMLPClassifier",
    "KerasMLPRegressor",
    "KerasRNNClassifier",
    "KerasRNNRegressor",
    "RuleWarning",
    "build_network",
    "compile_ahead",
    "configure",
    "diagnose",
    "plain_network",
]
