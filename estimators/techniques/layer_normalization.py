"""Layer normalization of the hidden layers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from estimators.techniques.rule import Rule
from estimators.techniques.technique import (
    Hyperparameter,
    NetworkPlan,
    Reference,
    SearchDomain,
    Stage,
    Summary,
    Technique,
)

__all__ = ["LayerNormalization"]

BA_2016 = Reference("Ba2016", "Ba et al. 2016", "https://arxiv.org/abs/1607.06450")


class LayerNormalization(Technique):
    """The units of a layer brought to mean 0 and deviation 1 over each row."""

    hyperparameters = (
        Hyperparameter(
            "layer_norm",
            False,
            ("boolean",),
            "bool",
            "Whether each hidden layer has layer normalization between its product and its "
            "activation [Ba2016]_.",
            search=(
                SearchDomain([False, True], when={"batch_norm": None}),
                SearchDomain(False, when={"activation": "selu"}),
            ),
        ),
    )
    rules = (
        Rule(
            "one normalization",
            lambda setting: (
                setting.has_hidden_layers
                and setting["layer_norm"]
                and setting["batch_norm"] is not None
            ),
            "layer_norm comes on top of batch_norm={batch_norm!r}",
            "use one of the two",
            str(BA_2016),
        ),
        Rule(
            "layer normalization wants several units",
            lambda setting: (
                setting.has_hidden_layers
                and setting["layer_norm"]
                and np.min(setting["hidden_layer_sizes"]) == 1
            ),
            "a layer of 1 unit has no variance, so layer_norm turns every row into 0",
            "use hidden_layer_sizes of 2 or more, or layer_norm=False",
            str(BA_2016),
            fatal=True,
        ),
    )
    references = (BA_2016,)
    summary = (Summary("`layer_norm`", "off or on", "not with batch norm", (BA_2016,)),)

    def layers(self, stage: Stage, plan: NetworkPlan) -> Sequence[Callable[..., Any]]:
        if stage != "after_dense" or not plan.params["layer_norm"]:
            return []
        import keras

        return [keras.layers.LayerNormalization(name=f"layer_norm_{plan.index}")]
