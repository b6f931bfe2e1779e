"""The training techniques, a file each: all that the project knows of one is made from its file."""

from estimators.techniques.check import (
    build_hyperparameters,
    check_parameters,
    check_unchanged,
    constraints_of,
    hyperparameters_of,
    resolve,
)
from estimators.techniques.registry import (
    CLASSIFIER_TECHNIQUES,
    RECURRENT_CLASSIFIER_TECHNIQUES,
    RECURRENT_REGRESSOR_TECHNIQUES,
    RECURRENT_TECHNIQUES,
    REGRESSOR_TECHNIQUES,
    TECHNIQUES,
    defaults,
)
from estimators.techniques.rule import Rule, Setting, broken_rules, enforce
from estimators.techniques.technique import (
    Arm,
    Hyperparameter,
    NetworkPlan,
    Reference,
    SearchDomain,
    Steps,
    Summary,
    Technique,
)

__all__ = [
    "CLASSIFIER_TECHNIQUES",
    "RECURRENT_CLASSIFIER_TECHNIQUES",
    "RECURRENT_REGRESSOR_TECHNIQUES",
    "RECURRENT_TECHNIQUES",
    "REGRESSOR_TECHNIQUES",
    "TECHNIQUES",
    "Arm",
    "Hyperparameter",
    "NetworkPlan",
    "Reference",
    "Rule",
    "SearchDomain",
    "Setting",
    "Steps",
    "Summary",
    "Technique",
    "broken_rules",
    "build_hyperparameters",
    "check_parameters",
    "check_unchanged",
    "constraints_of",
    "defaults",
    "enforce",
    "hyperparameters_of",
    "resolve",
]
