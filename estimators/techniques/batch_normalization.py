"""Batch normalization of the hidden layers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from estimators._sklearn import StrOptions
from estimators.techniques.rule import Rule
from estimators.techniques.technique import (
    Arm,
    Hyperparameter,
    NetworkPlan,
    Params,
    Reference,
    SearchDomain,
    Stage,
    Summary,
    Technique,
)

__all__ = ["BATCH_NORM_PLACEMENTS", "BatchNormalization"]

BATCH_NORM_PLACEMENTS = ("before_dense", "after_dense", "after_activation")

IOFFE_2015 = Reference("Ioffe2015", "Ioffe and Szegedy 2015", "https://arxiv.org/abs/1502.03167")
LI_2018 = Reference("Li2018", "Li et al. 2018", "https://arxiv.org/abs/1801.05134")


class BatchNormalization(Technique):
    """Each unit's outputs brought to mean 0 and deviation 1 over the minibatch."""

    hyperparameters = (
        Hyperparameter(
            "batch_norm",
            None,
            (StrOptions(set(BATCH_NORM_PLACEMENTS)), "boolean", None),
            '{"before_dense", "after_dense", "after_activation"}, bool or None',
            'Where each hidden layer has its batch normalization [Ioffe2015]_. "before_dense" '
            'normalizes the input of the network too; True is the place of the paper, "after_dense"; '
            "False is None.",
            search=(
                SearchDomain([None, *BATCH_NORM_PLACEMENTS]),
                SearchDomain(None, when={"activation": "selu"}),
            ),
        ),
    )
    rules = (
        Rule(
            "no dropout with batch normalization",
            lambda setting: (
                setting.has_hidden_layers
                and setting["batch_norm"] is not None
                and setting["dropout"] > 0
            ),
            "dropout={dropout!r} shifts the variance that batch_norm={batch_norm!r} has learned",
            "use one of the two",
            str(LI_2018),
        ),
        Rule(
            "batch normalization wants batches",
            lambda setting: (
                setting.has_hidden_layers
                and setting["batch_norm"] is not None
                and min(setting["batch_size"], setting.n_rows) == 1
            ),
            "a batch of 1 row has no variance, so batch_norm={batch_norm!r} turns every input into "
            "0",
            "use a batch_size (and a number of rows) of 2 or more, or batch_norm=None",
            str(IOFFE_2015),
            fatal=True,
        ),
    )
    references = (IOFFE_2015, LI_2018)
    arms = (
        Arm(
            "batch_norm",
            "he normal, batch norm, relu",
            {
                "activation": "relu",
                "kernel_initializer": "he_normal",
                "batch_norm": "before_dense",
            },
        ),
    )
    summary = (
        Summary(
            "`batch_norm`",
            "none, before_dense, after_dense, after_activation",
            "needs no standardized input; not with dropout; no batches of one row",
            (IOFFE_2015, LI_2018),
        ),
    )

    def resolve(self, params: Params) -> Params:
        placement = params["batch_norm"]
        if isinstance(placement, str):
            return {}
        return {"batch_norm": "after_dense" if placement else None}

    def layers(self, stage: Stage, plan: NetworkPlan) -> Sequence[Callable[..., Any]]:
        if stage != plan.params["batch_norm"]:
            return []
        import keras

        from estimators import layers

        kind = layers.MaskedBatchNormalization if plan.for_engine else None
        return [(kind or keras.layers.BatchNormalization)(name=f"batch_norm_{plan.index}")]

    def finish(self, layers: Sequence[Callable[..., Any]], plan: NetworkPlan) -> Sequence[Any]:
        if not plan.for_engine or plan.params["batch_norm"] != "before_dense" or len(layers) < 2:
            return layers
        import keras

        from estimators.layers import MaskedBatchNormalization, NormalizedDense

        first: Any = layers[:2]
        if [type(layer) for layer in first] != [MaskedBatchNormalization, keras.layers.Dense]:
            return layers  # normalized is not the data themselves, or not in this parametrization
        return [NormalizedDense(*first), *layers[2:]]
