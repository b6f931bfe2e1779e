"""The input of a recurrent network: sequences, which may be of different length."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from numbers import Integral
from typing import Any

from estimators._sklearn import Interval
from estimators.techniques.technique import (
    Hyperparameter,
    NetworkPlan,
    Params,
    Stage,
    Summary,
    Technique,
)

__all__ = ["PaddedSteps"]


class PaddedSteps(Technique):
    """Steps of nan at the end of a sequence do not count."""

    hyperparameters = (
        Hyperparameter(
            "n_steps",
            None,
            (Interval(Integral, 1, None, closed="left"), None),
            "int or None",
            "Steps of the sequences where the input is flat, of shape (n_rows, n_steps * "
            "n_channels), with all channels of a step side by side; None takes each column for a "
            "step of one channel.",
            role="training",
        ),
    )
    summary = (
        Summary(
            "`n_steps`",
            "none, or steps of a flat input",
            "steps of nan at the end do not count",
        ),
    )

    def resolve(self, params: Params) -> Params:
        return {"n_steps": params["n_steps"] and int(params["n_steps"])}

    def layers(self, stage: Stage, plan: NetworkPlan) -> Sequence[Callable[..., Any]]:
        if stage != "input":
            return []
        from estimators import layers

        return [layers.PaddedSteps(name="padded_steps")]

    def layers_by_row(self) -> tuple[type, ...]:
        from estimators import layers

        return (layers.PaddedSteps,)
