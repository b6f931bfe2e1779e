from __future__ import annotations

import optuna
import pytest

from pipelines.optuna_search import importances


def study_of(n_trials, value, directions=("maximize",)):
    study = optuna.create_study(
        directions=directions, sampler=optuna.samplers.RandomSampler(seed=0)
    )

    def objective(trial):
        return value(trial.suggest_float("x", 0, 1), trial.suggest_float("noise", 0, 1))

    study.optimize(objective, n_trials=n_trials)
    return study


@pytest.fixture(scope="module", autouse=True)
def quiet():
    optuna.logging.set_verbosity(optuna.logging.ERROR)


def test_what_decides_comes_first():
    shares = importances(study_of(40, lambda x, noise: x + 0.01 * noise))
    assert [*shares] == ["x", "noise"]
    assert shares["x"].low > 0.8
    assert all(share.low <= share.mean <= share.high for share in shares.values())
    assert sum(share.mean for share in shares.values()) == pytest.approx(1, abs=0.05)


def test_the_same_again():
    study = study_of(20, lambda x, noise: x)
    assert importances(study) == importances(study)


def test_of_one_of_several_objectives():
    study = study_of(30, lambda x, noise: (x, noise), directions=("maximize", "minimize"))
    assert next(iter(importances(study, 0))) == "x"
    assert next(iter(importances(study, 1))) == "noise"


@pytest.mark.parametrize(
    ("n_trials", "value"), [(9, lambda x, noise: x), (20, lambda x, noise: 1.0)]
)
def test_of_too_few_or_equal_trials_nothing_is_said(n_trials, value):
    assert importances(study_of(n_trials, value)) == {}
