"""What training minimizes in regression."""

from __future__ import annotations

from estimators._sklearn import StrOptions
from estimators.techniques.technique import Hyperparameter, Summary, Technique

__all__ = ["REGRESSION_LOSSES", "Loss"]

REGRESSION_LOSSES = ("mean_squared_error", "mean_absolute_error", "huber")


class Loss(Technique):
    """The loss of a regressor."""

    hyperparameters = (
        Hyperparameter(
            "loss",
            "mean_squared_error",
            (StrOptions(set(REGRESSION_LOSSES)),),
            '{"mean_squared_error", "mean_absolute_error", "huber"}',
            "What training minimizes.",
            rescales_loss=True,
        ),
    )
    summary = (Summary("`loss` (of regressors)", ", ".join(REGRESSION_LOSSES)),)
