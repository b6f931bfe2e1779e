"""Several networks whose outputs are averaged."""

from __future__ import annotations

from collections.abc import Iterator
from numbers import Integral

from estimators._sklearn import Interval
from estimators.techniques.technique import (
    Hyperparameter,
    Params,
    Reference,
    Summary,
    Technique,
)

__all__ = ["SHARED_BY_MEMBERS", "Ensemble"]

LAKSHMINARAYANAN_2017 = Reference(
    "Lakshminarayanan2017", "Lakshminarayanan et al. 2017", "https://arxiv.org/abs/1612.01474"
)

SHARED_BY_MEMBERS = frozenset(
    {
        "n_members",
        "member_params",
        "early_stopping",
        "validation_fraction",
        "categorical_features",
        "loss",
        "class_weight",
        "standardize_target",
        "clip_target",
        "return_sequences",
        "random_state",
        "warm_start",
        "callbacks",
        "verbose",
    }
)
"""Hyperparameters of an ensemble as a whole, by which its members cannot differ."""

# Where the members would have to share one object, or one network that goes on.
_OF_ONE_NETWORK = ("callbacks", "warm_start")


class Ensemble(Technique):
    """Networks of other seeds and other validation rows, whose outputs are averaged."""

    hyperparameters = (
        Hyperparameter(
            "n_members",
            1,
            (Interval(Integral, 1, None, closed="left"),),
            "int",
            "Networks that are trained, each with initial weights, an order of the rows and, under "
            "early stopping, validation rows of its own: with ``validation_fraction=0.2`` the folds "
            "of a five-fold cross-validation one after another. Their outputs are averaged "
            "[Lakshminarayanan2017]_. Under ``member_sharing`` they are one network.",
        ),
        Hyperparameter(
            "member_params",
            None,
            (list, None),
            "list of dict, or None",
            "Hyperparameters by which the members differ: the first member has those of the first "
            "dict, and so on, over and over.",
            role="training",
        ),
    )
    references = (LAKSHMINARAYANAN_2017,)
    summary = (
        Summary(
            "`n_members`, `member_params`",
            "1 or more; a list of dicts",
            "the outputs are averaged",
            (LAKSHMINARAYANAN_2017,),
        ),
    )

    def faults(self, params: Params) -> Iterator[str]:
        if params["n_members"] == 1:
            if params["member_params"]:
                yield "member_params of {estimator} are of an ensemble: set n_members=2 or more."
            return
        for name in _OF_ONE_NETWORK if params.get("member_sharing") is None else ():
            if params[name]:
                yield (
                    f"{name}={params[name]!r} of {{estimator}} is of one network, but "
                    f"n_members={params['n_members']} makes an ensemble: set n_members=1."
                )
        for values in params["member_params"] or []:
            impossible = sorted(set(values) - (set(params) - SHARED_BY_MEMBERS))
            if impossible:
                yield (
                    f"member_params of {{estimator}} names {impossible[0]!r}, by which members "
                    "cannot differ: give hyperparameters of one network."
                )
