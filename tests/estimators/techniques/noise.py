"""A made-up technique: Gaussian noise on what each hidden layer gives out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from numbers import Real
from typing import Any

import keras
import tensorflow as tf

from estimators._sklearn import Interval
from estimators.layers import dynamic_value
from estimators.layers.draws import seed_generator, uniform
from estimators.techniques import (
    Arm,
    Hyperparameter,
    NetworkPlan,
    Reference,
    Rule,
    SearchDomain,
    Summary,
    Technique,
)
from estimators.techniques.technique import Params, Stage

__all__ = ["GaussianNoise", "Noise"]

BISHOP_1995 = Reference("Bishop1995", "Bishop 1995", "https://doi.org/10.1162/neco.1995.7.1.108")


@keras.saving.register_keras_serializable(package="made_up")
class GaussianNoise(keras.layers.Layer):
    """Adds draws from a normal distribution in training, by Box and Muller."""

    def __init__(self, deviation: float, seed: int | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        self.deviation = float(deviation)
        self.seed = seed
        self.seed_generator = seed_generator(seed)
        self.supports_masking = True

    def call(self, inputs: Any, training: bool = False) -> Any:
        if not training:
            return inputs
        shape = keras.ops.shape(inputs)
        radius = tf.sqrt(-2 * tf.math.log(1 - uniform(shape, self.seed_generator)))
        angle = 6.2831853 * uniform(shape, self.seed_generator)
        return inputs + dynamic_value("noise", self.deviation) * radius * tf.cos(angle)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "deviation": self.deviation, "seed": self.seed}


class Noise(Technique):
    """Units that are not quite what they were computed to be."""

    hyperparameters = (
        Hyperparameter(
            "noise",
            0.0,
            (Interval(Real, 0, None, closed="left"),),
            "float",
            "Deviation of the noise on each hidden layer's outputs in training [Bishop1995]_.",
            role="dynamic",
            search=(SearchDomain({"low": 0.0, "high": 0.5}, when={"dropout": 0.0}),),
        ),
    )
    rules = (
        Rule(
            "noise or dropout",
            lambda setting: setting["noise"] > 0 and setting["dropout"] > 0,
            "noise={noise!r} comes on top of dropout={dropout!r}",
            "use one of the two",
            str(BISHOP_1995),
        ),
    )
    references = (BISHOP_1995,)
    arms = (Arm("noise", "noise", {"noise": 0.1}),)
    summary = (Summary("`noise`", "0 or more", "not with dropout", (BISHOP_1995,)),)

    def resolve(self, params: Params) -> Params:
        return {"noise": float(params["noise"])}

    def layers(self, stage: Stage, plan: NetworkPlan) -> Sequence[Callable[..., Any]]:
        if stage != "after_activation" or not plan.params["noise"]:
            return []
        seed = next(plan.seeds)
        return [GaussianNoise(plan.params["noise"], seed=seed, name=f"noise_{plan.index}")]

    def layers_by_row(self) -> tuple[type, ...]:
        return (GaussianNoise,)
