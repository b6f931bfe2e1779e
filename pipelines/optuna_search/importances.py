"""How much of the score each hyperparameter explains, over the trials that were drawn."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
import optuna
from optuna.importance import FanovaImportanceEvaluator, get_param_importances
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState

from pipelines.statistics import Interval

__all__ = ["importances"]

_FEWEST_TRIALS = 10
_N_RESAMPLES = 20
_N_TREES = 16


def importances(study: Study, objective: int = 0) -> dict[str, Interval]:
    """Estimate the share of an objective's variance that each hyperparameter explains.

    By functional analysis of variance over the complete trials, with the interval that holds 95 %
    of the estimates from trials drawn with replacement. Hyperparameters that not all of these
    trials have are left out, as by Optuna.

    Parameters
    ----------
    study : optuna.study.Study
    objective : int, default=0
        Which of the study's values.

    Returns
    -------
    dict of str to Interval
        By the study's name of the hyperparameter, the largest first; empty where fewer than ten
        trials are complete, or where all of them have the same value.

    References
    ----------
    F. Hutter, H. Hoos and K. Leyton-Brown, "An Efficient Approach for Assessing Hyperparameter
    Importance", ICML 2014.
    """
    trials = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    values = {trial.values[objective] for trial in trials}
    if len(trials) < _FEWEST_TRIALS or len(values) < 2:
        return {}
    whole = _shares(
        study, None if objective == 0 and len(study.directions) == 1 else _value(objective), 0
    )
    rng = np.random.default_rng(0)
    resampled: dict[str, list[float]] = {name: [] for name in whole}
    for seed in range(_N_RESAMPLES):
        drawn = [trials[place] for place in rng.integers(len(trials), size=len(trials))]
        if len({trial.values[objective] for trial in drawn}) < 2:
            continue
        for name, share in _shares(_study_of(drawn, objective), None, seed).items():
            if name in resampled:
                resampled[name].append(share)
    found = {}
    for name, share in whole.items():
        low, high = np.quantile(resampled[name] or [share], [0.025, 0.975])
        found[name] = Interval(share, min(float(low), share), max(float(high), share))
    return found


def _study_of(trials: list[FrozenTrial], objective: int) -> Study:
    verbosity = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        study = optuna.create_study()
    finally:
        optuna.logging.set_verbosity(verbosity)
    study.add_trials(
        [
            optuna.trial.create_trial(
                params=trial.params,
                distributions=trial.distributions,
                value=trial.values[objective],
            )
            for trial in trials
        ]
    )
    return study


def _shares(
    study: Study, target: Callable[[FrozenTrial], float] | None, seed: int
) -> dict[str, float]:
    evaluator = FanovaImportanceEvaluator(n_trees=_N_TREES, seed=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return get_param_importances(study, evaluator=evaluator, target=target)


def _value(position: int) -> Callable[[FrozenTrial], float]:
    return lambda trial: trial.values[position]
