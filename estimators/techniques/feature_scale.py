"""A learned scale for each input of the first dense layer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from estimators.techniques.references import HOLZMULLER_2024
from estimators.techniques.technique import (
    Hyperparameter,
    NetworkPlan,
    SearchDomain,
    Stage,
    Summary,
    Technique,
)

__all__ = ["FeatureScale"]


class FeatureScale(Technique):
    """Inputs that the network weighs against each other."""

    hyperparameters = (
        Hyperparameter(
            "feature_scale",
            False,
            ("boolean",),
            "bool",
            "Whether each input of the first dense layer, embeddings included, has a learned "
            "scale, which begins with 1 [Holzmuller2024]_.",
            search=(SearchDomain([False, True], when={"data": "table"}),),
        ),
    )
    summary = (Summary("`feature_scale`", "off or on", "", (HOLZMULLER_2024,)),)

    def layers(self, stage: Stage, plan: NetworkPlan) -> Sequence[Callable[..., Any]]:
        if stage != "input" or not plan.params["feature_scale"]:
            return []
        from estimators import layers

        return [layers.FeatureScale(name="feature_scale")]

    def layers_by_row(self) -> tuple[type, ...]:
        from estimators import layers

        return (layers.FeatureScale,)
