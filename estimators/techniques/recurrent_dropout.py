"""Dropout of what a recurrent layer feeds back to itself."""

from __future__ import annotations

from numbers import Real

from estimators._sklearn import Interval
from estimators.techniques.technique import (
    Hyperparameter,
    Params,
    Reference,
    SearchDomain,
    Summary,
    Technique,
)

__all__ = ["RecurrentDropout"]

GAL_2016 = Reference("Gal2016", "Gal and Ghahramani 2016", "https://arxiv.org/abs/1512.05287")


class RecurrentDropout(Technique):
    """Some units, drawn anew in each minibatch, are not fed back."""

    hyperparameters = (
        Hyperparameter(
            "recurrent_dropout",
            0.0,
            (Interval(Real, 0, 1, closed="left"),),
            "float",
            "Share of each recurrent layer's units, in [0, 1), that it does not feed back to itself "
            "in training: the same ones in all steps of a row, and for all gates [Gal2016]_.",
            role="dynamic",
            search=(SearchDomain({"low": 0.0, "high": 0.4, "step": 0.1}),),
        ),
    )
    references = (GAL_2016,)
    summary = (
        Summary("`recurrent_dropout`", "[0, 1)", "the same units in all steps", (GAL_2016,)),
    )

    def resolve(self, params: Params) -> Params:
        return {"recurrent_dropout": float(params["recurrent_dropout"])}
