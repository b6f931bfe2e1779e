"""Learning rates that change in the course of a fit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np

from estimators._sklearn import InstanceOfKeras, Interval, StrOptions
from estimators.techniques.references import HOLZMULLER_2024
from estimators.techniques.rule import Rule
from estimators.techniques.schedule import RATE_SCHEDULES, warmed_up
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

__all__ = ["LearningRateSchedule"]

GOYAL_2017 = Reference("Goyal2017", "Goyal et al. 2017", "https://arxiv.org/abs/1706.02677")
LOSHCHILOV_2017 = Reference(
    "Loshchilov2017", "Loshchilov and Hutter 2017", "https://arxiv.org/abs/1608.03983"
)
SMITH_2019 = Reference("Smith2019", "Smith and Topin 2019", "https://arxiv.org/abs/1708.07120")

_BEGIN_LOW = ("coslog4", "one_cycle")
_BEGIN_HIGH = [name for name in RATE_SCHEDULES if name not in _BEGIN_LOW]


class LearningRateSchedule(Technique):
    """The learning rate by step, as a share of ``learning_rate``."""

    hyperparameters = (
        Hyperparameter(
            "learning_rate_schedule",
            "constant",
            (StrOptions(set(RATE_SCHEDULES)),),
            '{"constant", "cosine", "coslog4", "one_cycle"}',
            "The share of ``learning_rate`` that a step takes, over the steps of a call of ``fit``: "
            '"cosine" falls from 1 to 0 [Loshchilov2017]_, "coslog4" has four waves between 0 and 1, '
            'each twice as long as the one before [Holzmuller2024]_, and "one_cycle" rises from '
            "0.04 to 1 in the first three tenths and falls to almost 0 [Smith2019]_. "
            "``partial_fit`` takes one epoch of ``epochs`` after the other.",
            role="training",
            search=(SearchDomain([*RATE_SCHEDULES]),),
        ),
        Hyperparameter(
            "warmup_fraction",
            0.0,
            (Interval(Real, 0, 1, closed="left"),),
            "float",
            "Share of the steps in which the learning rate rises from 0, before the schedule begins, "
            "in [0, 1) [Goyal2017]_.",
            role="training",
            search=(
                SearchDomain([0.0, 0.1], when={"learning_rate_schedule": [*_BEGIN_HIGH]}),
                SearchDomain(0.0, when={"learning_rate_schedule": [*_BEGIN_LOW]}),
            ),
        ),
    )
    rules = (
        Rule(
            "warm-up goes before a high rate",
            lambda setting: (
                setting["warmup_fraction"] > 0 and setting["learning_rate_schedule"] in _BEGIN_LOW
            ),
            "after warmup_fraction={warmup_fraction!r} of the steps "
            "learning_rate_schedule={learning_rate_schedule!r} begins low once more",
            "leave warmup_fraction at 0.0, or use learning_rate_schedule='cosine'",
            str(GOYAL_2017),
        ),
    )
    references = (GOYAL_2017, HOLZMULLER_2024, LOSHCHILOV_2017, SMITH_2019)
    summary = (
        Summary(
            "`learning_rate_schedule`, `warmup_fraction`",
            "constant, cosine, coslog4, one_cycle; [0, 1)",
            "warm-up goes before a high rate",
            (LOSHCHILOV_2017, HOLZMULLER_2024, SMITH_2019, GOYAL_2017),
        ),
    )

    _is_schedule = InstanceOfKeras("keras.optimizers.schedules.LearningRateSchedule")

    def faults(self, params: Params) -> Iterator[str]:
        if not self._is_schedule.is_satisfied_by(params["learning_rate"]):
            return
        given = [
            f"{name}={params[name]!r}"
            for name, default in (("learning_rate_schedule", "constant"), ("warmup_fraction", 0))
            if params[name] != default
        ]
        if given:
            yield (
                "The 'learning_rate' parameter of {estimator} must be a number under "
                f"{' and '.join(given)}. Got a {type(params['learning_rate']).__name__}: give the "
                "largest rate instead, or leave the schedule to Keras."
            )

    def resolve(self, params: Params) -> Params:
        return {"warmup_fraction": float(params["warmup_fraction"])}

    def values_by_step(self, params: Params, steps: Steps) -> Mapping[str, NDArray[Any]]:
        name, fraction = params["learning_rate_schedule"], params["warmup_fraction"]
        if name != "constant":
            share = warmed_up(RATE_SCHEDULES[name], fraction)(steps.progress)
        elif fraction:  # goes on without an end
            share = np.minimum(1, steps.numbers / (fraction * steps.n_total))
        else:
            return {}
        return {"learning_rate": params["learning_rate"] * share}
