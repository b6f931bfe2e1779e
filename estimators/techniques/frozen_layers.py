"""Hidden layers that do not train, at all or until an epoch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from numbers import Integral
from typing import TYPE_CHECKING, Any

import numpy as np

from estimators._sklearn import Interval
from estimators.techniques.references import HOWARD_2018, YOSINSKI_2014
from estimators.techniques.rule import Rule, without_effect
from estimators.techniques.technique import (
    Hyperparameter,
    NetworkPlan,
    Params,
    Steps,
    Summary,
    Technique,
)
from estimators.techniques.weight_depth import hidden_layer_of

if TYPE_CHECKING:
    import keras
    import tensorflow as tf
    from numpy.typing import NDArray

__all__ = ["FrozenLayers", "n_layers_frozen_throughout"]


def n_layers_frozen_throughout(params: Params) -> int:
    """How many hidden layers, from the input, never train."""
    n_frozen: int = params.get("frozen_layers", 0)
    return n_frozen if params.get("unfreeze_at") is None else 0


class FrozenLayers(Technique):
    """Layers that stay as they began, so that the others learn to use them first."""

    hyperparameters = (
        Hyperparameter(
            "frozen_layers",
            0,
            (Interval(Integral, 0, None, closed="left"),),
            "int",
            "Hidden layers, from the input on, that do not train, with all that encodes or scales "
            "the input; the output always trains. Their batch normalization keeps its mean and "
            "variance and uses them in training too. The first layers are the ones that other "
            "tasks can use as they are [Yosinski2014]_.",
        ),
        Hyperparameter(
            "unfreeze_at",
            None,
            (Interval(Integral, 1, None, closed="left"), None),
            "int or None",
            "Epochs after which ``frozen_layers`` begin to train, counted from the first one of "
            "the network; None leaves them frozen. A new output then learns first, and does not "
            "spoil the others while it is random [Howard2018]_.",
            role="dynamic",
        ),
    )
    rules = (
        Rule(
            "frozen layers have learned before",
            lambda setting: setting["frozen_layers"] > 0 and setting["init_from"] is None,
            "frozen_layers={frozen_layers} of random weights never learn anything",
            "begin with the weights of a trained network by init_from, or set frozen_layers=0",
            str(YOSINSKI_2014),
        ),
        without_effect(
            "unfreeze_at",
            None,
            "frozen_layers of 1 or more",
            lambda setting: setting["frozen_layers"] > 0,
            str(HOWARD_2018),
        ),
        Rule(
            "layers thaw before the end",
            lambda setting: (
                setting["frozen_layers"] > 0
                and setting["unfreeze_at"] is not None
                and setting["unfreeze_at"] >= setting["epochs"]
            ),
            "unfreeze_at={unfreeze_at} is not before the end of epochs={epochs}, so that the "
            "layers stay frozen",
            "lower unfreeze_at, raise epochs, or leave unfreeze_at at None, which trains faster",
            str(HOWARD_2018),
        ),
    )
    references = (HOWARD_2018, YOSINSKI_2014)
    summary = (
        Summary(
            "`frozen_layers`, `unfreeze_at`",
            "hidden layers from the input; none, or epochs",
            "of a network that `init_from` has begun; batch norm keeps its statistics",
            (YOSINSKI_2014, HOWARD_2018),
        ),
    )

    def faults(self, params: Params) -> Iterator[str]:
        n_frozen, n_layers = params["frozen_layers"], np.size(params["hidden_layer_sizes"])
        if isinstance(n_frozen, Integral) and int(n_frozen) > n_layers:
            yield (
                f"The 'frozen_layers' parameter of {{estimator}} must be at most {n_layers}, the "
                f"number of hidden_layer_sizes. Got {n_frozen!r}."
            )

    def resolve(self, params: Params) -> Params:
        epoch = params["unfreeze_at"]
        return {
            "frozen_layers": int(params["frozen_layers"]),
            "unfreeze_at": None if epoch is None else int(epoch),
        }

    def complete(self, network: keras.Model, plan: NetworkPlan) -> None:
        n_throughout = n_layers_frozen_throughout(plan.params)
        for layer in network.layers:
            number = hidden_layer_of(layer.name)
            if number is None:
                continue
            if number < n_throughout:
                layer.trainable = False
            elif plan.for_engine and number < plan.params["frozen_layers"]:
                for part in (layer, getattr(layer, "normalization", None)):
                    if part is not None and hasattr(part, "thaws"):
                        part.thaws = True

    def factors(self, path: str, params: Params) -> Mapping[str, float]:
        if params["unfreeze_at"] is None:
            return {}
        number = hidden_layer_of(path)
        return {"unfreeze_at": float(number is not None and number < params["frozen_layers"])}

    def values_by_step(self, params: Params, steps: Steps) -> Mapping[str, NDArray[Any]]:
        """1 in the steps in which the layers are frozen, else 0."""
        if params["unfreeze_at"] is None:
            return {}
        return {
            "unfreeze_at": np.full(
                len(steps.numbers), steps.epoch < params["unfreeze_at"], "float32"
            )
        }

    def rests(self, params: Params) -> tf.Tensor | None:
        frozen = params.get("unfreeze_at")
        if frozen is None or isinstance(frozen, float):
            return None
        return frozen > 0

    def needs_engine(self, params: Params) -> str | None:
        if params["unfreeze_at"] is None or not params["frozen_layers"]:
            return None
        return f"unfreeze_at={params['unfreeze_at']} lets layers train from an epoch on"
