"""Rows that lie between two others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np

from estimators._sklearn import Interval
from estimators.techniques.rule import Rule
from estimators.techniques.technique import (
    Hyperparameter,
    NetworkPlan,
    Params,
    Reference,
    SearchDomain,
    Stage,
    Steps,
    Summary,
    Technique,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Mixup"]

ZHANG_2018 = Reference("Zhang2018", "Zhang et al. 2018", "https://arxiv.org/abs/1710.09412")

_DRAWS = 1  # beside the order of the rows, which is drawn from seed and epoch too


class Mixup(Technique):
    """The rows of a minibatch, and their losses, are mixed in pairs."""

    hyperparameters = (
        Hyperparameter(
            "mixup",
            0.0,
            (Interval(Real, 0, None, closed="left"),),
            "float",
            "Mixes each row of a minibatch, as the first dense layer sees it, with the next one, and "
            "the losses of their two targets, in shares that are drawn anew in each step from "
            "Beta(``mixup``, ``mixup``) [Zhang2018]_: 0 mixes nothing, 0.2 little, 1 draws all "
            "shares alike.",
            role="dynamic",
            may_change=True,
            search=(SearchDomain([0.0, 0.2, 0.5]),),
        ),
    )
    rules = (
        Rule(
            "mixup wants minibatches drawn anew",
            lambda setting: (
                setting["mixup"] > 0
                and (not setting["shuffle"] or min(setting["batch_size"], setting.n_rows) == 1)
            ),
            "with shuffle={shuffle!r} and batch_size={batch_size!r} the pairs are the same in each "
            "epoch",
            "use shuffle=True and a batch_size of 2 or more, or mixup=0.0",
            str(ZHANG_2018),
        ),
    )
    references = (ZHANG_2018,)
    summary = (Summary("`mixup`", "0 or more", "wants minibatches drawn anew", (ZHANG_2018,)),)

    def resolve(self, params: Params) -> Params:
        return {"mixup": float(params["mixup"])}

    def layers(self, stage: Stage, plan: NetworkPlan) -> Sequence[Callable[..., Any]]:
        if stage != "input" or not plan.for_engine or not plan.params["mixup"]:
            return []
        from estimators import layers

        return [layers.MixedRows(name="mixed_rows")]

    def values_by_step(self, params: Params, steps: Steps) -> Mapping[str, NDArray[Any]]:
        """The share of each row itself, in each step."""
        alpha = params["mixup"]
        if not alpha:
            return {}
        draws = np.random.default_rng([steps.seed, steps.epoch, _DRAWS])
        return {"mixup": draws.beta(alpha, alpha, len(steps.numbers))}

    def needs_engine(self, params: Params) -> str | None:
        return f"mixup={params['mixup']!r} mixes the rows of a step" if params["mixup"] else None
