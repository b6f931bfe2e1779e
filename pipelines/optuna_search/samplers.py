"""Samplers by name, which propose the same in every run."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from typing import Any

import numpy as np
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler, CmaEsSampler, GPSampler, RandomSampler
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState

from pipelines.errors import InputError, check_choice
from pipelines.optuna_search.experimental import tpe_sampler
from pipelines.optuna_search.local_sampler import LocalSampler

__all__ = ["SAMPLERS", "RepeatableSampler", "choose_sampler", "make_sampler"]

_MOST_FOR_TPE = 10


def _tpe(seed: int, several: bool) -> BaseSampler:
    # With several objectives Optuna's own default is to draw each hyperparameter alone.
    return tpe_sampler(seed, grouped=not several)


def _cmaes(seed: int, several: bool) -> BaseSampler:
    return CmaEsSampler(seed=seed, warn_independent_sampling=False)


def _gp(seed: int, several: bool) -> BaseSampler:
    return GPSampler(seed=seed, warn_independent_sampling=False)


SAMPLERS: dict[str, Callable[[int, bool], BaseSampler]] = {
    "tpe": _tpe,
    "local": lambda seed, several: LocalSampler(seed),
    "random": lambda seed, several: RandomSampler(seed=seed),
    "cmaes": _cmaes,
    "gp": _gp,
}


def choose_sampler(name: str, n_hyperparameters: int) -> str:
    """Return the sampler to make: for "auto" the one that suits the number of hyperparameters.

    With more than ten of them "local": where the 33 of the default space are drawn at once, in the
    light of a few dozen trials, hardly any trial is as good as the preset that it began with.

    Raises
    ------
    InputError
        For an unknown name.
    """
    check_choice("sampler", name, ("auto", *SAMPLERS))
    if name != "auto":
        return name
    return "local" if n_hyperparameters > _MOST_FOR_TPE else "tpe"


def make_sampler(
    name: str,
    *,
    seed: int,
    n_objectives: int = 1,
    first: Sequence[Mapping[str, Any]] = (),
) -> RepeatableSampler:
    """Make a sampler.

    Parameters
    ----------
    name : str
        A key of ``SAMPLERS``.
    seed : int
    n_objectives : int, default=1
    first : sequence of mapping of str to object
        What the first trials take, by parameter.

    Returns
    -------
    RepeatableSampler

    Raises
    ------
    InputError
        For an unknown name, or a sampler that cannot be used here.
    """
    check_choice("sampler", name, SAMPLERS)
    if name == "gp" and find_spec("torch") is None:
        raise InputError(
            "The sampler 'gp' needs PyTorch, which is not installed; install the extra with pip "
            "install 'mlp-techniques[gp]', or choose another sampler, such as 'tpe'."
        )
    if name == "cmaes" and n_objectives > 1:
        raise InputError(
            "The sampler 'cmaes' takes one objective only; leave one, or choose another sampler, "
            "such as 'tpe'."
        )
    make = SAMPLERS[name]
    return RepeatableSampler(lambda own: make(own, n_objectives > 1), seed, first)


class RepeatableSampler(BaseSampler):
    """Draws for each trial with a generator of its own, which seed and number of the trial decide.

    So a search that is interrupted and goes on proposes what it would have proposed, whatever
    was drawn before; and workers that share a study do not propose the same.

    Parameters
    ----------
    make : callable
        Makes a sampler from a seed.
    seed : int
    first : sequence of mapping of str to object
        What the first trials take, by parameter.
    """

    def __init__(
        self, make: Callable[[int], BaseSampler], seed: int, first: Sequence[Mapping[str, Any]]
    ):
        self._make = make
        self._seed = seed
        self._first = first
        self._samplers: dict[int, BaseSampler] = {}

    def infer_relative_search_space(
        self, study: Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        if trial.number < len(self._first):
            return {}
        return self._of(trial).infer_relative_search_space(study, trial)

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        if trial.number < len(self._first):
            return {}
        return self._of(trial).sample_relative(study, trial, search_space)

    def sample_independent(
        self,
        study: Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:
        if trial.number < len(self._first):
            return self._first[trial.number][param_name]
        # One for each parameter: a trial that goes on has some of its parameters already.
        alone = self._make(self._seed_of(trial, param_name))
        return alone.sample_independent(study, trial, param_name, param_distribution)

    def before_trial(self, study: Study, trial: FrozenTrial) -> None:
        self._of(trial).before_trial(study, trial)

    def after_trial(
        self,
        study: Study,
        trial: FrozenTrial,
        state: TrialState,
        values: Sequence[float] | None,
    ) -> None:
        self._of(trial).after_trial(study, trial, state, values)
        self._samplers.pop(trial.number, None)

    def _of(self, trial: FrozenTrial) -> BaseSampler:
        if trial.number not in self._samplers:
            self._samplers[trial.number] = self._make(self._seed_of(trial))
        return self._samplers[trial.number]

    def _seed_of(self, trial: FrozenTrial, param_name: str = "") -> int:
        entropy = [self._seed, trial.number, zlib.crc32(param_name.encode())]
        return int(np.random.SeedSequence(entropy).generate_state(1)[0])
