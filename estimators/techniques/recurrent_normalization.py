"""Normalization in and between recurrent layers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from estimators.techniques.layer_normalization import BA_2016
from estimators.techniques.rule import Rule
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

__all__ = ["RecurrentNormalization"]

LAURENT_2016 = Reference("Laurent2016", "Laurent et al. 2016", "https://arxiv.org/abs/1510.01378")
COOIJMANS_2017 = Reference(
    "Cooijmans2017", "Cooijmans et al. 2017", "https://arxiv.org/abs/1603.09025"
)


class RecurrentNormalization(Technique):
    """Signals brought to mean 0 and deviation 1: over the units in each step, or over the batch."""

    hyperparameters = (
        Hyperparameter(
            "batch_norm",
            False,
            ("boolean",),
            "bool",
            "Whether the input of each recurrent layer is batch normalized, over all rows and "
            "steps of a minibatch that hold values; nothing is normalized from step to step "
            "[Laurent2016]_.",
        ),
        Hyperparameter(
            "layer_norm",
            False,
            ("boolean",),
            "bool",
            "Whether the cells normalize their products over the units, in each step [Ba2016]_: in "
            "a simple cell the sum of both, else each of the two over all gates, and what an LSTM "
            "remembers where it is read.",
            search=(SearchDomain([False, True]),),
        ),
    )
    rules = (
        Rule(
            "no batch normalization in recurrent networks",
            lambda setting: setting["batch_norm"] is not None,
            "batch_norm normalizes between recurrent layers, which trains faster at most and "
            "generalizes no better, and cannot be used from step to step without statistics of "
            "each",
            "use layer_norm=True, and clipping against gradients that explode",
            f"{LAURENT_2016}; {COOIJMANS_2017}; {BA_2016}",
        ),
        Rule(
            "layer normalization wants several units",
            lambda setting: setting["layer_norm"] and np.min(setting["hidden_layer_sizes"]) == 1,
            "a layer of 1 unit has no variance, so layer_norm turns what it computes into 0",
            "use hidden_layer_sizes of 2 or more, or layer_norm=False",
            str(BA_2016),
            fatal=True,
        ),
    )
    references = (BA_2016, COOIJMANS_2017, LAURENT_2016)
    summary = (
        Summary(
            "`layer_norm`, `batch_norm` (of recurrent networks)",
            "off or on",
            "layer norm, inside the cells, rather than batch norm",
            (BA_2016, LAURENT_2016, COOIJMANS_2017),
        ),
    )

    def resolve(self, params: Params) -> Params:
        # None, as other techniques know networks without batch normalization.
        return {"batch_norm": True if params["batch_norm"] else None}

    def layers(self, stage: Stage, plan: NetworkPlan) -> Sequence[Callable[..., Any]]:
        if stage != "before_dense" or not plan.params["batch_norm"]:
            return []
        import keras

        from estimators import layers

        kind = layers.MaskedBatchNormalization if plan.for_engine else None
        return [(kind or keras.layers.BatchNormalization)(name=f"batch_norm_{plan.index}")]
