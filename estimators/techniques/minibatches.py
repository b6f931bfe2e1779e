"""Minibatches: how many rows a step has, in which order they come, and how often."""

from __future__ import annotations

from numbers import Integral

from estimators._sklearn import Interval
from estimators.techniques.technique import (
    Hyperparameter,
    Params,
    SearchDomain,
    Summary,
    Technique,
)

__all__ = ["Minibatches"]

_COUNT = Interval(Integral, 1, None, closed="left")


class Minibatches(Technique):
    """Steps on a few rows each, drawn anew in each epoch."""

    hyperparameters = (
        Hyperparameter(
            "batch_size",
            32,
            (_COUNT,),
            "int",
            "Rows a step. The last, smaller batch of an epoch is trained on too.",
            role="training",  # the rows, of which it is one, are part of a program's key
            search=(SearchDomain([32, 64, 128, 256, 512]),),
        ),
        Hyperparameter(
            "epochs",
            100,
            (_COUNT,),
            "int",
            "Passes over the training rows in ``fit``.",
            role="training",
        ),
        Hyperparameter(
            "shuffle",
            True,
            ("boolean",),
            "bool",
            "Whether each epoch has an order of the rows of its own.",
            role="training",
        ),
    )
    summary = (Summary("`batch_size`, `epochs`, `shuffle`", "ints; on or off"),)

    def resolve(self, params: Params) -> Params:
        return {name: int(params[name]) for name in ("batch_size", "epochs")}
