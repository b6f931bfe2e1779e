from __future__ import annotations

import optuna
import pytest

from pipelines import InputError
from pipelines.optuna_search.pruners import PRUNERS, make_pruner, max_epochs
from pipelines.space import parse_space

N_EPOCHS = 9


def last_epochs(pruner):
    """By which epoch each of some trials ended, whose curves never cross."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(
        study_name="steady", sampler=optuna.samplers.RandomSampler(seed=0), pruner=pruner
    )

    def objective(trial):
        level = trial.suggest_float("level", 0, 1)
        for epoch in range(1, N_EPOCHS + 1):
            trial.report(level, epoch)
            if trial.should_prune():
                raise optuna.TrialPruned
        return level

    study.optimize(objective, n_trials=40)
    return [(trial.params["level"], trial.last_step) for trial in study.trials]


@pytest.mark.parametrize("name", ["median", "hyperband", "successive_halving"])
def test_the_worse_are_stopped_and_the_best_is_not(name):
    ends = last_epochs(make_pruner(name, n_epochs=N_EPOCHS))
    stopped = [level for level, epoch in ends if epoch < N_EPOCHS]
    assert len(stopped) >= 10
    assert min(ends)[1] == N_EPOCHS
    assert sum(stopped) / len(stopped) > sum(level for level, _ in ends) / len(ends)


def test_none_stops_nothing():
    assert {epoch for _, epoch in last_epochs(make_pruner("none", n_epochs=9))} == {9}


def test_the_median_waits_for_five_trials_and_a_fifth_of_the_epochs():
    ends = last_epochs(make_pruner("median", n_epochs=10))
    assert [epoch for _, epoch in ends[:5]] == [N_EPOCHS] * 5
    assert min(epoch for _, epoch in ends) == 3


def test_an_unknown_name():
    message = r"There is no pruner 'mediam' \(did you mean 'median'\?\); choose one of median, h"
    with pytest.raises(InputError, match=message):
        make_pruner("mediam", n_epochs=9)
    assert {*PRUNERS} == {"median", "hyperband", "successive_halving", "none"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("activation: [relu, elu]", 4),
        ("epochs: {low: 2, high: 9}", 9),
        ("epochs: [3, 7]", 7),
        ("epochs: 2", 2),
    ],
)
def test_the_most_epochs_of_a_space(text, expected):
    assert max_epochs(parse_space(text), 4) == expected
