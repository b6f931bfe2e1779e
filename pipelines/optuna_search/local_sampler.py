"""A sampler that changes little of what is best so far."""

from __future__ import annotations

from typing import Any

import numpy as np
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.samplers import BaseSampler, RandomSampler
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState

__all__ = ["LocalSampler"]

_N_PARENTS = 3
_MOST_CHANGES = 3


class LocalSampler(BaseSampler):
    """Takes one of the three best trials and changes one to three of its parameters.

    A choice becomes another one, a number goes some of the way to one drawn at random.

    In a space of some thirty hyperparameters, of which presets are good points, what is drawn
    with all of them at once is worse than these for the first hundred trials; a small change is
    often as good, and sometimes better. It is the mutation of an evolution strategy [1]_. What a
    change makes necessary, where parameters are conditional, is drawn at random.

    Parameters
    ----------
    seed : int

    References
    ----------
    .. [1] E. Real et al., "Regularized Evolution for Image Classifier Architecture Search", AAAI
       2019, https://arxiv.org/abs/1802.01548
    """

    def __init__(self, seed: int):
        self._rng = np.random.default_rng(seed)
        self._random = RandomSampler(seed=seed)
        self._parent: FrozenTrial | None = None

    def infer_relative_search_space(
        self, study: Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        parents = _best(study)
        if not parents:
            return {}
        self._parent = parents[self._rng.integers(len(parents))]
        return self._parent.distributions

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        if self._parent is None or not search_space:
            return {}
        names = [name for name in search_space if not search_space[name].single()]
        n_changes = min(int(self._rng.integers(1, _MOST_CHANGES + 1)), len(names))
        changed = set(self._rng.choice(names, n_changes, replace=False)) if names else set()
        return {
            name: self._another(study, trial, name, search_space[name])
            if name in changed
            else value
            for name, value in self._parent.params.items()
        }

    def _another(
        self, study: Study, trial: FrozenTrial, name: str, distribution: BaseDistribution
    ) -> Any:
        assert self._parent is not None
        value = self._parent.params[name]
        if isinstance(distribution, CategoricalDistribution):
            others = [one for one in distribution.choices if one != value]
            return others[self._rng.integers(len(others))]
        assert isinstance(distribution, FloatDistribution | IntDistribution)
        drawn = self._random.sample_independent(study, trial, name, distribution)
        return _between(distribution, value, drawn, self._rng.random())

    def sample_independent(
        self,
        study: Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:
        return self._random.sample_independent(study, trial, param_name, param_distribution)


def _between(
    distribution: FloatDistribution | IntDistribution, value: float, other: float, share: float
) -> float:
    """A value of the distribution, a share of the way from one to another."""
    if distribution.log:
        moved = value * (other / value) ** share
    else:
        moved = value + share * (other - value)
    if distribution.step is not None:
        n_steps = round((moved - distribution.low) / distribution.step)
        moved = distribution.low + n_steps * distribution.step
    return int(moved) if isinstance(distribution, IntDistribution) else moved


def _best(study: Study) -> list[FrozenTrial]:
    """The best complete trials; with several objectives those of the Pareto front."""
    if len(study.directions) > 1:
        return study.best_trials
    complete = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    sign = -1 if study.direction.name == "MAXIMIZE" else 1
    return sorted(complete, key=lambda one: sign * float(one.value or 0.0))[:_N_PARENTS]
