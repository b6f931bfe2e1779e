"""Weights of the classes in the loss of a classifier."""

from __future__ import annotations

from estimators._sklearn import StrOptions
from estimators.techniques.technique import Hyperparameter, Summary, Technique

__all__ = ["ClassWeight"]


class ClassWeight(Technique):
    """Rows count by their class."""

    hyperparameters = (
        Hyperparameter(
            "class_weight",
            None,
            (dict, list, StrOptions({"balanced"}), None),
            'dict, list of dict, "balanced" or None',
            "Weight of each class in the loss, by label (a list with one dict a label for a "
            'multilabel target); "balanced" weighs classes by the inverse of their frequency. '
            "Multiplied with ``sample_weight``.",
            role="training",
        ),
    )
    summary = (Summary("`class_weight` (of classifiers)", "none, balanced, or a dict by label"),)
