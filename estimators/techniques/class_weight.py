"""Weights of the classes in the loss of a classifier."""

from __future__ import annotations

from collections.abc import Iterator
from numbers import Real

from estimators._sklearn import StrOptions
from estimators.techniques.technique import Hyperparameter, Params, Summary, Technique

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
            rescales_loss=True,
        ),
    )
    summary = (Summary("`class_weight` (of classifiers)", "none, balanced, or a dict by label"),)

    def faults(self, params: Params) -> Iterator[str]:
        given = params["class_weight"]
        for weights in given if isinstance(given, list) else [given]:
            for label, weight in weights.items() if isinstance(weights, dict) else ():
                if not (isinstance(weight, Real) and float(weight) >= 0):
                    yield (
                        "The 'class_weight' parameter of {estimator} must hold numbers of 0 or "
                        f"more. Got {weight!r} for the class {label!r}."
                    )
