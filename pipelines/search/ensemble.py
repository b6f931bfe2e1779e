"""The ensemble of a search: one configuration, whose members are the best that were found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from scipy.stats import sem
from sklearn.base import BaseEstimator

from estimators.techniques.ensemble import SHARED_BY_MEMBERS
from pipelines.search.evaluation import Evaluation
from pipelines.search.hyperparameters import Hyperparameters
from pipelines.space.domains import same

__all__ = ["ensemble_params"]

_MOST = 4  # configurations: of eight members, two have each


def ensemble_params(
    ranked: Sequence[Evaluation], estimator: BaseEstimator, metric: str, n_members: int
) -> dict[str, Any] | None:
    """Make the configuration of an ensemble of the best configurations.

    Its members have in turn the best one and up to three that follow it within one standard error
    of its mean over the folds [1]_, with the same preprocessing and target. Their outputs are
    averaged without weights, since the folds do not tell which of these is the best.

    Parameters
    ----------
    ranked : sequence of Evaluation
        Complete ones, the best first.
    estimator : Pipeline
        Whose parameters the candidates set.
    metric : str
        The scorer that ranks.
    n_members : int

    Returns
    -------
    dict of str to object, or None
        Parameters by path; None where the best is itself an ensemble of unlike or sharing members,
        or one of as many.

    References
    ----------
    .. [1] L. Breiman et al., "Classification and Regression Trees", Wadsworth, 1984, section 3.4.3.
    """
    names = Hyperparameters(estimator)
    best = ranked[0].candidate.hyperparameters
    present = {**names.defaults, **best}
    is_mean = present["member_params"] or present.get("member_sharing")  # which no sequence has
    if present["n_members"] >= n_members or is_mean:
        return None
    own = set(estimator[-1].get_params(deep=False)) - SHARED_BY_MEMBERS
    scores = ranked[0].scores(metric, "validation")
    lowest = scores.mean() - (sem(scores) if len(scores) > 1 else 0.0)
    member_params: list[dict[str, Any]] = []
    for one in ranked:
        if one.validation_mean(metric) < lowest:
            break
        changes = {
            name: value
            for name, value in one.candidate.hyperparameters.items()
            if name != "n_members" and not same(value, best[name])
        }
        if set(changes) <= own and changes not in member_params:
            member_params.append(changes)
    return {
        **ranked[0].candidate.params,
        names.paths["n_members"]: n_members,
        names.paths["member_params"]: member_params[:_MOST],
    }
