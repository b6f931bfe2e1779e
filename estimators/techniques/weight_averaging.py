"""Weights that are means over many steps."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np

from estimators._sklearn import Interval, StrOptions
from estimators.techniques.batch_normalization import BATCH_NORM_PLACEMENTS
from estimators.techniques.rule import Rule, has, without_effect
from estimators.techniques.technique import (
    Hyperparameter,
    Params,
    Reference,
    SearchDomain,
    Steps,
    Summary,
    Technique,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["WEIGHT_AVERAGES", "WeightAveraging"]

IZMAILOV_2018 = Reference(
    "Izmailov2018", "Izmailov et al. 2018", "https://arxiv.org/abs/1803.05407"
)
POLYAK_1992 = Reference("Polyak1992", "Polyak and Juditsky 1992", "https://doi.org/10.1137/0330046")

_LAST_PART = 0.25  # of the steps, whose weights "swa" averages


def _exponential(steps: Steps, momentum: float) -> NDArray[Any]:
    share: NDArray[Any] = (1 - momentum) / (1 - momentum ** (steps.numbers + 1.0))
    return share


def _last_part(steps: Steps, momentum: float) -> NDArray[Any]:
    first = int(np.ceil((1 - _LAST_PART) * steps.n_total))
    share: NDArray[Any] = 1 / np.maximum(1, steps.numbers - first + 1)
    return share


WEIGHT_AVERAGES = {"ema": _exponential, "swa": _last_part}
"""By name: which share the weights of each step have in the new mean."""


class WeightAveraging(Technique):
    """What is evaluated and kept is the mean of the weights that training goes through."""

    hyperparameters = (
        Hyperparameter(
            "weight_averaging",
            None,
            (StrOptions(set(WEIGHT_AVERAGES)), None),
            '{"ema", "swa"} or None',
            'Which mean of the weights ``fit`` evaluates on validation rows and ends with: "ema" of '
            'all steps so far, later ones counting more [Polyak1992]_, "swa" of the steps in the '
            "last quarter [Izmailov2018]_. ``partial_fit`` and a warm ``fit`` go on from there, and "
            "``partial_fit`` averages nothing.",
            role="dynamic",
            may_change=True,
            search=(
                SearchDomain([None, *WEIGHT_AVERAGES], when={"batch_norm": None}),
                SearchDomain(None, when={"batch_norm": [*BATCH_NORM_PLACEMENTS]}),
            ),
        ),
        Hyperparameter(
            "ema_momentum",
            0.999,
            (Interval(Real, 0, 1, closed="left"),),
            "float",
            'How much less the weights of a step count in "ema" than those of the next one, in '
            "[0, 1).",
            role="training",
            search=(
                SearchDomain([0.99, 0.999], when={"weight_averaging": "ema"}),
                SearchDomain(0.999, when={"weight_averaging": [None, "swa"]}),
            ),
        ),
    )
    rules = (
        Rule(
            "averaged weights want no batch normalization",
            lambda setting: (
                setting["weight_averaging"] is not None
                and setting.has_hidden_layers
                and setting["batch_norm"] is not None
            ),
            "the moving mean and variance of batch_norm={batch_norm!r} are those of the weights "
            "before averaging",
            "use batch_norm=None, or weight_averaging=None",
            str(IZMAILOV_2018),
        ),
        without_effect(
            "ema_momentum",
            0.999,
            "weight_averaging 'ema'",
            has("weight_averaging", "ema"),
            str(POLYAK_1992),
        ),
    )
    references = (IZMAILOV_2018, POLYAK_1992)
    summary = (
        Summary(
            "`weight_averaging`, `ema_momentum`",
            "none, ema, swa; [0, 1)",
            "not with batch norm",
            (POLYAK_1992, IZMAILOV_2018),
        ),
    )

    def resolve(self, params: Params) -> Params:
        return {"ema_momentum": float(params["ema_momentum"])}

    def values_by_step(self, params: Params, steps: Steps) -> Mapping[str, NDArray[Any]]:
        """The share of the step's weights in the mean after it."""
        if params["weight_averaging"] is None:
            return {}
        share = WEIGHT_AVERAGES[params["weight_averaging"]]
        return {"weight_averaging": share(steps, params["ema_momentum"])}

    def needs_engine(self, params: Params) -> str | None:
        if params["weight_averaging"] is None:
            return None
        return (
            f"weight_averaging={params['weight_averaging']!r} is evaluated while training goes on"
        )
