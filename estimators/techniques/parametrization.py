"""How the products of the dense layers are scaled."""

from __future__ import annotations

import math
from collections.abc import Iterator
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np

from estimators._sklearn import StrOptions
from estimators.techniques.batch_normalization import BATCH_NORM_PLACEMENTS
from estimators.techniques.initializer import kernel_initializer_of
from estimators.techniques.references import HOLZMULLER_2024, KINGMA_2015
from estimators.techniques.rule import Rule, Setting
from estimators.techniques.technique import (
    Hyperparameter,
    NetworkPlan,
    Params,
    Reference,
    SearchDomain,
    Summary,
    Technique,
)

if TYPE_CHECKING:
    import keras

__all__ = [
    "PARAMETRIZATIONS",
    "Parametrization",
    "dense",
    "glorot_dense",
    "output_dense",
    "projection",
]

PARAMETRIZATIONS = ("standard", "neural_tangent")

JACOT_2018 = Reference("Jacot2018", "Jacot et al. 2018", "https://arxiv.org/abs/1806.07572")


# Whose steps are as large as the learning rate: they divide gradients by their size.
_WITH_STEPS_OF_THE_RATE = ("rmsprop", "adam", "adamw", "adamax", "nadam", "lion")
_LARGEST_RATE = 0.1


def _has_large_steps(setting: Setting) -> bool:
    rate = setting["learning_rate"]
    if not (
        setting["parametrization"] == "standard"
        and setting.has_hidden_layers
        and setting["optimizer"] in _WITH_STEPS_OF_THE_RATE
        and isinstance(rate, Real)  # no schedule
    ):
        return False
    # Of the layer behind the widest one the weights begin with about this deviation.
    deviation = 1 / math.sqrt(np.max(setting["hidden_layer_sizes"]))
    return float(rate) > max(_LARGEST_RATE, deviation)


class Parametrization(Technique):
    """What a weight stands for."""

    hyperparameters = (
        Hyperparameter(
            "parametrization",
            "standard",
            (StrOptions(set(PARAMETRIZATIONS)),),
            '{"standard", "neural_tangent"}',
            'What dense layers, the output among them, compute of d inputs: "standard" '
            '``W x + b``; "neural_tangent" ``W x / sqrt(d) + b`` with weights of N(0, 1), for '
            "learning rates of 0.01 to 0.2 with adam, whatever the width [Jacot2018]_ "
            "[Holzmuller2024]_.",
            search=(
                SearchDomain([*PARAMETRIZATIONS], when={"batch_norm": None}),
                SearchDomain("standard", when={"batch_norm": [*BATCH_NORM_PLACEMENTS]}),
            ),
        ),
    )
    rules = (
        Rule(
            "no steps as large as the weights",
            _has_large_steps,
            "optimizer={optimizer!r} changes every weight by up to learning_rate={learning_rate!r} "
            "in a step, more than weights are large at the beginning",
            "lower learning_rate, to 0.001 for example, or set parametrization='neural_tangent', "
            "which divides the products",
            str(KINGMA_2015),
        ),
    )
    references = (JACOT_2018, HOLZMULLER_2024)
    summary = (
        Summary(
            "`parametrization`",
            "standard, neural_tangent",
            "the latter wants kernel_initializer auto and learning rates of 0.01 to 0.2",
            (JACOT_2018, HOLZMULLER_2024),
        ),
    )

    def faults(self, params: Params) -> Iterator[str]:
        initializer = params["kernel_initializer"]
        if params["parametrization"] == "neural_tangent" and initializer != "auto":
            yield (
                "The 'kernel_initializer' parameter of {estimator} must be 'auto' with "
                "parametrization='neural_tangent', whose weights begin with N(0, 1). Got "
                f"{initializer!r}."
            )

    def layers_by_row(self) -> tuple[type, ...]:
        from estimators import layers

        return (layers.NeuralTangentDense,)


def dense(plan: NetworkPlan, units: int, **arguments: Any) -> keras.layers.Layer:
    """Make a hidden dense layer of a plan's parametrization."""
    import keras

    if plan.params["member_sharing"] == "tabm":
        return _batch_ensemble(plan, units, scale_inputs=plan.index > 0, **arguments)
    if plan.params["parametrization"] == "neural_tangent":
        return _neural_tangent(plan, units, **arguments)
    return keras.layers.Dense(units, kernel_initializer=kernel_initializer_of(plan), **arguments)


def output_dense(plan: NetworkPlan, **arguments: Any) -> keras.layers.Layer:
    """Make the output layer of a plan's parametrization."""
    arguments |= {"activation": plan.output_activation, "name": "output"}
    if plan.params["member_sharing"] is None:
        return _linear(plan, plan.n_outputs, **arguments)
    from estimators import layers

    return layers.MemberDense(
        plan.n_outputs,
        plan.params["n_members"],
        neural_tangent=plan.params["parametrization"] == "neural_tangent",
        seed=next(plan.seeds),
        **arguments,
    )


def projection(plan: NetworkPlan, units: int, **arguments: Any) -> keras.layers.Layer:
    """Make a linear layer without bias of a plan's parametrization."""
    arguments |= {"use_bias": False, "dtype": "float32"}
    if plan.params["member_sharing"] == "tabm":
        return _batch_ensemble(plan, units, **arguments)
    return _linear(plan, units, **arguments)


def _linear(plan: NetworkPlan, units: int, **arguments: Any) -> keras.layers.Layer:
    if plan.params["parametrization"] == "neural_tangent":
        return _neural_tangent(plan, units, **arguments)
    return glorot_dense(plan, units, **arguments)


def glorot_dense(plan: NetworkPlan, units: int, **arguments: Any) -> keras.layers.Layer:
    """Make a linear layer, or one with the output's activation, in the standard parametrization."""
    import keras

    initializer = keras.initializers.GlorotUniform(next(plan.seeds))
    return keras.layers.Dense(units, kernel_initializer=initializer, **arguments)


def _neural_tangent(plan: NetworkPlan, units: int, **arguments: Any) -> keras.layers.Layer:
    from estimators import layers

    return layers.NeuralTangentDense(units, kernel_initializer=_normal(plan), **arguments)


def _batch_ensemble(plan: NetworkPlan, units: int, **arguments: Any) -> keras.layers.Layer:
    from estimators import layers

    is_tangent = plan.params["parametrization"] == "neural_tangent"
    return layers.BatchEnsembleDense(
        units,
        plan.params["n_members"],
        neural_tangent=is_tangent,
        kernel_initializer=_normal(plan) if is_tangent else kernel_initializer_of(plan),
        **arguments,
    )


def _normal(plan: NetworkPlan) -> keras.initializers.Initializer:
    import keras

    return keras.initializers.RandomNormal(0.0, 1.0, seed=next(plan.seeds))
