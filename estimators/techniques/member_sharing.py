"""Members of an ensemble that share one network."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from estimators._sklearn import StrOptions
from estimators.techniques.features import features_layer
from estimators.techniques.technique import (
    Hyperparameter,
    NetworkPlan,
    Params,
    Reference,
    Stage,
    Summary,
    Technique,
)

__all__ = ["MEMBER_SHARINGS", "MemberSharing"]

MEMBER_SHARINGS = ("tabm", "tabm_mini")

WEN_2020 = Reference("Wen2020", "Wen et al. 2020", "https://arxiv.org/abs/2002.06715")
GORISHNIY_2024 = Reference(
    "Gorishniy2024", "Gorishniy et al. 2024", "https://arxiv.org/abs/2410.24210"
)


class MemberSharing(Technique):
    """One network that makes the predictions of all members."""

    hyperparameters = (
        Hyperparameter(
            "member_sharing",
            None,
            (StrOptions(set(MEMBER_SHARINGS)), None),
            '{"tabm", "tabm_mini"} or None',
            "Whether the ``n_members`` are one network that makes as many predictions of a row. "
            "They share the kernels, and have output layers and, random at first, scales of the "
            'inputs of their own [Gorishniy2024]_; under "tabm" scales around each kernel and '
            "biases too [Wen2020]_. Trained on the mean of their losses, in the same minibatches "
            "and with the same validation rows; evaluated, and predicting, by the mean of their "
            "outputs.",
        ),
    )
    references = (GORISHNIY_2024, WEN_2020)
    summary = (
        Summary(
            "`member_sharing`",
            "none, tabm, tabm_mini",
            "the `n_members` are one network; not with `member_params` or `Model.fit`",
            (GORISHNIY_2024, WEN_2020),
        ),
    )

    def faults(self, params: Params) -> Iterator[str]:
        sharing = params["member_sharing"]
        if sharing is None:
            return
        if params["n_members"] == 1:
            yield (
                f"member_sharing={sharing!r} of {{estimator}} is of an ensemble: set n_members=2 "
                "or more, 32 as its authors do."
            )
        if params["member_params"]:
            yield (
                f"member_sharing={sharing!r} of {{estimator}} makes members of one network, which "
                "cannot differ by member_params: set one of the two to None."
            )
        if np.size(params["hidden_layer_sizes"]) == 0:
            yield (
                f"member_sharing={sharing!r} of {{estimator}} shares hidden layers, of which "
                "hidden_layer_sizes has none: give it one or more."
            )

    def layers(self, stage: Stage, plan: NetworkPlan) -> Sequence[Callable[..., Any]]:
        if plan.params["member_sharing"] is None:
            return []
        if stage == "before_dense" and plan.index == 0:
            return [_first_scale(plan)]
        if stage == "output" and not plan.for_engine:
            import keras

            return [keras.layers.GlobalAveragePooling1D(name="mean_of_members")]
        return []

    def layers_by_row(self) -> tuple[type, ...]:
        import keras

        from estimators import layers

        return (
            keras.layers.GlobalAveragePooling1D,
            layers.BatchEnsembleDense,
            layers.MemberDense,
            layers.MemberScale,
        )

    def needs_engine(self, params: Params) -> str | None:
        if params["member_sharing"] is None:
            return None
        return (
            f"member_sharing={params['member_sharing']!r} trains on the mean of the members' losses"
        )


def _first_scale(plan: NetworkPlan) -> Any:
    """What makes the members differ: a draw for each column, whatever encodes it."""
    from estimators import layers

    encoded = plan.features is not None
    return layers.MemberScale(
        plan.params["n_members"],
        "signs" if plan.params["numeric_embedding"] is None else "normal",
        features_layer(plan, seed=0).columns_of_outputs if encoded else None,
        seed=next(plan.seeds),
        name="member_scale",
    )
