"""Depth and width: the dense layers themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from numbers import Integral
from typing import Any

import numpy as np

from estimators._sklearn import Interval
from estimators.techniques.parametrization import dense, output_dense
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

__all__ = ["Architecture", "faulty_sizes", "resolved_sizes"]

LECUN_1998 = Reference("LeCun1998", "LeCun et al. 1998", "https://doi.org/10.1007/3-540-49430-8_2")

_INPUT_OF_ONE_SCALE = Rule(
    "input of one scale",
    lambda setting: (
        setting.has_hidden_layers
        and setting["activation"] != "selu"
        and setting["batch_norm"] is None
        and setting.input_scale > 10
    ),
    "a column of the input has a mean or deviation of {input_scale:.3g}",
    "put a StandardScaler before the network, or use batch_norm='before_dense'",
    f"{LECUN_1998}; Ioffe and Szegedy 2015, https://arxiv.org/abs/1502.03167",
)


class Architecture(Technique):
    """Hidden layers: how many there are, and how wide each is."""

    hyperparameters = (
        Hyperparameter(
            "hidden_layer_sizes",
            (100,),
            ("array-like", Interval(Integral, 1, None, closed="left")),
            "int or sequence of int",
            "Units of each hidden layer, from the input on.",
            search=(
                SearchDomain(
                    {"depth": {"low": 1, "high": 5}, "width": [32, 64, 128, 256, 512]},
                ),
                SearchDomain(
                    {"depth": {"low": 1, "high": 5}, "width": [64, 128, 256, 512]},
                    when={"data": "image"},
                ),
            ),
        ),
    )
    rules = (_INPUT_OF_ONE_SCALE,)
    references = (LECUN_1998,)
    summary = (
        Summary(
            "`hidden_layer_sizes`",
            "an int, or a sequence with one a layer",
            "without batch norm the input wants one scale",
            (LECUN_1998,),
        ),
    )

    def faults(self, params: Params) -> Iterator[str]:
        yield from faulty_sizes(params)

    def resolve(self, params: Params) -> Params:
        return resolved_sizes(params)

    def layers(self, stage: Stage, plan: NetworkPlan) -> Sequence[Callable[..., Any]]:
        if stage == "dense":
            return [
                dense(
                    plan,
                    plan.params["hidden_layer_sizes"][plan.index],
                    use_bias=plan.params["batch_norm"] != "after_dense",
                    bias_initializer=plan.params["bias_initializer"],
                    name=f"dense_{plan.index}",
                )
            ]
        return [output_dense(plan)] if stage == "output" else []


def faulty_sizes(params: Params) -> Iterator[str]:
    """Yield a sentence where the widths are no ints of 1 or more."""
    sizes = params["hidden_layer_sizes"]
    if not np.iterable(sizes) or isinstance(sizes, str):
        return
    wrong = [
        size
        for size in sizes
        if not isinstance(size, Integral) or isinstance(size, bool) or size < 1
    ]
    if wrong:
        yield (
            "The 'hidden_layer_sizes' parameter of {estimator} must hold ints of 1 or more, "
            f"one a hidden layer. Got {wrong[0]!r} among {sizes!r}."
        )


def resolved_sizes(params: Params) -> Params:
    """The widths as a tuple."""
    sizes = np.atleast_1d(params["hidden_layer_sizes"])
    return {"hidden_layer_sizes": tuple(int(size) for size in sizes)}
