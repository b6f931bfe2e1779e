"""Dropout of units."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from numbers import Real
from typing import Any

from estimators._sklearn import Interval
from estimators.techniques.technique import (
    Hyperparameter,
    NetworkPlan,
    Params,
    Reference,
    SearchDomain,
    Stage,
    Summary,
    Technique,
)

__all__ = ["Dropout"]

SRIVASTAVA_2014 = Reference(
    "Srivastava2014", "Srivastava et al. 2014", "https://jmlr.org/papers/v15/srivastava14a.html"
)


class Dropout(Technique):
    """Some units, drawn anew in each step, give nothing on."""

    hyperparameters = (
        Hyperparameter(
            "dropout",
            0.0,
            (Interval(Real, 0, 1, closed="left"),),
            "float",
            "Share of each hidden layer's outputs dropped in training, in [0, 1) [Srivastava2014]_; "
            'alpha dropout [Klambauer2017]_ under "selu".',
            role="dynamic",
            search=(
                SearchDomain({"low": 0.0, "high": 0.5, "step": 0.1}, when={"batch_norm": None}),
            ),
        ),
    )
    references = (SRIVASTAVA_2014,)
    summary = (Summary("`dropout`", "[0, 1)", "", (SRIVASTAVA_2014,)),)

    def resolve(self, params: Params) -> Params:
        return {"dropout": float(params["dropout"])}

    def layers(self, stage: Stage, plan: NetworkPlan) -> Sequence[Callable[..., Any]]:
        if stage != "after_activation" or not plan.params["dropout"]:
            return []
        from estimators import layers

        kind = layers.AlphaDropout if plan.params["activation"] == "selu" else layers.Dropout
        seed = next(plan.seeds)
        return [kind(plan.params["dropout"], seed=seed, name=f"dropout_{plan.index}")]

    def layers_by_row(self) -> tuple[type, ...]:
        from estimators import layers

        return layers.AlphaDropout, layers.Dropout
