"""The target of a regression with mean 0 and deviation 1."""

from __future__ import annotations

from estimators.techniques.technique import Hyperparameter, Summary, Technique

__all__ = ["TargetStandardization"]


class TargetStandardization(Technique):
    """The network learns a standardized target; predictions are in the target's own units."""

    hyperparameters = (
        Hyperparameter(
            "standardize_target",
            False,
            ("boolean",),
            "bool",
            "Whether the network learns each target column with mean 0 and deviation 1; predictions "
            "are in the target's own units all the same, and losses in ``history_`` are not.",
            role="training",
        ),
    )
    summary = (Summary("`standardize_target` (of regressors)", "off or on"),)
