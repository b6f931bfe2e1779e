"""Decoupled weight decay."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Real
from typing import TYPE_CHECKING

from estimators._sklearn import Interval
from estimators.techniques.technique import (
    Hyperparameter,
    Params,
    Reference,
    SearchDomain,
    Summary,
    Technique,
)

if TYPE_CHECKING:
    import tensorflow as tf

__all__ = ["WeightDecay"]

LOSHCHILOV_2019 = Reference(
    "Loshchilov2019", "Loshchilov and Hutter 2019", "https://arxiv.org/abs/1711.05101"
)


class WeightDecay(Technique):
    """Weights shrink by a fraction in each step, apart from their gradients."""

    hyperparameters = (
        Hyperparameter(
            "weight_decay",
            0.0,
            (Interval(Real, 0, None, closed="left"),),
            "float",
            "Decoupled weight decay a step, as a fraction of the learning rate [Loshchilov2019]_.",
            role="dynamic",
            search=(SearchDomain([0.0, 1e-5, 1e-4, 1e-3, 1e-2]),),
        ),
    )
    references = (LOSHCHILOV_2019,)
    summary = (
        Summary(
            "`weight_decay`", "0 or more, with any optimizer", "it is decoupled", (LOSHCHILOV_2019,)
        ),
    )

    def resolve(self, params: Params) -> Params:
        return {"weight_decay": float(params["weight_decay"])}

    def optimizer_arguments(self, params: Params) -> Params:
        none = 0.0 if params["optimizer"] == "adamw" else None  # AdamW refuses None
        return {"weight_decay": params["weight_decay"] or none}

    def change_weights(
        self, weights: Sequence[tf.Tensor], learning_rate: tf.Tensor, params: Params
    ) -> Sequence[tf.Tensor]:
        decay = params["weight_decay"]
        if isinstance(decay, float) and not decay:
            return weights
        return [weight - weight * decay * learning_rate for weight in weights]
