"""Decoupled weight decay."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Real
from typing import TYPE_CHECKING, Any

from estimators._sklearn import Interval, StrOptions
from estimators.techniques.references import HOLZMULLER_2024
from estimators.techniques.rule import Setting, without_effect
from estimators.techniques.schedule import REGULARIZATION_SCHEDULES
from estimators.techniques.technique import (
    Hyperparameter,
    Params,
    Reference,
    SearchDomain,
    Steps,
    Summary,
    Technique,
)
from estimators.techniques.weight_kind import is_bias

if TYPE_CHECKING:
    import tensorflow as tf
    from numpy.typing import NDArray

__all__ = ["WeightDecay"]

LOSHCHILOV_2019 = Reference(
    "Loshchilov2019", "Loshchilov and Hutter 2019", "https://arxiv.org/abs/1711.05101"
)


_DECAYS = (1e-4, 1e-3, 0.01, 0.02, 0.1)


def _decays(setting: Setting) -> bool:
    return bool(setting["weight_decay"] > 0)


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
            search=(SearchDomain([0.0, *_DECAYS]),),
        ),
        Hyperparameter(
            "weight_decay_schedule",
            "constant",
            (StrOptions(set(REGULARIZATION_SCHEDULES)),),
            '{"constant", "flat_cosine"}',
            "The share of ``weight_decay`` that a step has, over the steps of a call of ``fit``: "
            '"flat_cosine" is 1 in the first half, then falls to 0 [Holzmuller2024]_.',
            role="training",
            search=(
                SearchDomain([*REGULARIZATION_SCHEDULES], when={"weight_decay": [*_DECAYS]}),
                SearchDomain("constant", when={"weight_decay": 0.0}),
            ),
        ),
        Hyperparameter(
            "weight_decay_biases",
            True,
            ("boolean",),
            "bool",
            "Whether biases, and the offsets of normalizations, decay as well.",
            search=(SearchDomain(True, when={"weight_decay": 0.0}),),
        ),
    )
    rules = (
        without_effect(
            "weight_decay_schedule",
            "constant",
            "weight_decay above 0",
            _decays,
            str(HOLZMULLER_2024),
        ),
        without_effect(
            "weight_decay_biases", True, "weight_decay above 0", _decays, str(HOLZMULLER_2024)
        ),
    )
    references = (HOLZMULLER_2024, LOSHCHILOV_2019)
    summary = (
        Summary(
            "`weight_decay`, `weight_decay_schedule`, `weight_decay_biases`",
            "0 or more, with any optimizer; constant, flat_cosine; on or off",
            "it is decoupled",
            (LOSHCHILOV_2019, HOLZMULLER_2024),
        ),
    )

    def resolve(self, params: Params) -> Params:
        return {"weight_decay": float(params["weight_decay"])}

    def optimizer_arguments(self, params: Params) -> Params:
        none = 0.0 if params["optimizer"] == "adamw" else None  # AdamW refuses None
        return {"weight_decay": params["weight_decay"] or none}

    def change_weight(self, weight: tf.Tensor, params: Params) -> tf.Tensor:
        decay = params["weight_decay"]
        if isinstance(decay, float) and not decay:
            return weight
        return weight - weight * decay * params["learning_rate"]

    def factors(self, path: str, params: Params) -> Mapping[str, float]:
        decays = params["weight_decay_biases"] or not is_bias(path)
        return {"weight_decay": float(decays)}

    def values_by_step(self, params: Params, steps: Steps) -> Mapping[str, NDArray[Any]]:
        if not params["weight_decay"] or params["weight_decay_schedule"] == "constant":
            return {}
        schedule = REGULARIZATION_SCHEDULES[params["weight_decay_schedule"]]
        return {"weight_decay": params["weight_decay"] * schedule(steps.progress)}

    def needs_engine(self, params: Params) -> str | None:
        if not params["weight_decay"]:
            return None
        if params["weight_decay_schedule"] != "constant":
            return (
                f"weight_decay_schedule={params['weight_decay_schedule']!r} changes the decay of "
                "each step"
            )
        if not params["weight_decay_biases"]:
            return "weight_decay_biases=False is not Keras'"
        return None
