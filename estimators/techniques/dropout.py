"""Dropout of units."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from numbers import Real
from typing import TYPE_CHECKING, Any

from estimators._sklearn import Interval, StrOptions
from estimators.techniques.batch_normalization import BATCH_NORM_PLACEMENTS
from estimators.techniques.references import HOLZMULLER_2024
from estimators.techniques.schedule import REGULARIZATION_SCHEDULES
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

__all__ = ["Dropout"]

SRIVASTAVA_2014 = Reference(
    "Srivastava2014", "Srivastava et al. 2014", "https://jmlr.org/papers/v15/srivastava14a.html"
)


class Dropout(Technique):
    """Some units, drawn anew in each step, give nothing on."""

    hyperparameters = (
        Hyperparameter(
            "dropout",
            0.0,
            (Interval(Real, 0, 1, closed="left"),),
            "float",
            "Share of each hidden layer's outputs dropped in training, in [0, 1) [Srivastava2014]_; "
            'alpha dropout [Klambauer2017]_ under "selu".',
            role="dynamic",
            search=(
                SearchDomain({"low": 0.0, "high": 0.5, "step": 0.05}, when={"batch_norm": None}),
                SearchDomain(0.0, when={"batch_norm": [*BATCH_NORM_PLACEMENTS]}),
            ),
        ),
        Hyperparameter(
            "dropout_schedule",
            "constant",
            (StrOptions(set(REGULARIZATION_SCHEDULES)),),
            '{"constant", "flat_cosine"}',
            "The share of ``dropout`` that a step has, over the steps of a call of ``fit``: "
            '"flat_cosine" is 1 in the first half, then falls to 0 [Holzmuller2024]_.',
            role="training",
            search=(SearchDomain([*REGULARIZATION_SCHEDULES], when={"batch_norm": None}),),
        ),
    )
    references = (HOLZMULLER_2024, SRIVASTAVA_2014)
    summary = (
        Summary(
            "`dropout`, `dropout_schedule`",
            "[0, 1); constant, flat_cosine",
            "",
            (SRIVASTAVA_2014, HOLZMULLER_2024),
        ),
    )

    def resolve(self, params: Params) -> Params:
        return {"dropout": float(params["dropout"])}

    def layers(self, stage: Stage, plan: NetworkPlan) -> Sequence[Callable[..., Any]]:
        if stage != "after_activation" or not plan.params["dropout"]:
            return []
        from estimators import layers

        kind = layers.AlphaDropout if plan.params["activation"] == "selu" else layers.Dropout
        seed = next(plan.seeds)
        return [kind(plan.params["dropout"], seed=seed, name=f"dropout_{plan.index}")]

    def layers_by_row(self) -> tuple[type, ...]:
        from estimators import layers

        return layers.AlphaDropout, layers.Dropout

    def values_by_step(self, params: Params, steps: Steps) -> Mapping[str, NDArray[Any]]:
        if self.needs_engine(params) is None:
            return {}
        schedule = REGULARIZATION_SCHEDULES[params["dropout_schedule"]]
        return {"dropout": params["dropout"] * schedule(steps.progress)}

    def needs_engine(self, params: Params) -> str | None:
        if not params["dropout"] or params["dropout_schedule"] == "constant":
            return None
        return f"dropout_schedule={params['dropout_schedule']!r} changes the dropout of each step"
