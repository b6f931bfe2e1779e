from __future__ import annotations

import optuna
import pytest
from optuna.distributions import FloatDistribution, IntDistribution
from optuna.trial import TrialState

from pipelines.optuna_search.local_sampler import LocalSampler
from pipelines.optuna_search.samplers import make_sampler

optuna.logging.set_verbosity(optuna.logging.ERROR)

FIRST = {"rate": 0.01, "width": 64, "kind": "a", "share": 0.2, "size": 128}


def suggest(trial):
    return {
        "rate": trial.suggest_float("rate", 1e-4, 1, log=True),
        "width": trial.suggest_int("width", 16, 512, step=16),
        "kind": trial.suggest_categorical("kind", ["a", "b", "c"]),
        "share": trial.suggest_float("share", 0, 0.5, step=0.05),
        "size": trial.suggest_categorical("size", [32, 64, 128]),
    }


def changes_from(params, other):
    return {name for name, value in params.items() if value != other[name]}


def test_one_to_three_parameters_of_the_best_are_changed():
    study = optuna.create_study(sampler=make_sampler("local", seed=0, first=[FIRST]))
    first = study.ask()
    assert suggest(first) == FIRST
    study.tell(first, 0.0)
    numbers = set()
    for _ in range(60):
        trial = study.ask()
        numbers.add(len(changes_from(suggest(trial), FIRST)))
        study.tell(trial, state=TrialState.PRUNED)
    assert numbers <= {0, 1, 2, 3}  # a number may come back to its step
    assert numbers >= {1, 2, 3}


def test_what_is_drawn_lies_on_the_grid_of_its_distribution():
    study = optuna.create_study(sampler=make_sampler("local", seed=1, first=[FIRST]))
    for _ in range(60):
        trial = study.ask()
        params = suggest(trial)
        assert params["width"] % 16 == 0
        assert round(params["share"] / 0.05, 9) == round(params["share"] / 0.05)
        assert isinstance(params["width"], int)
        study.tell(trial, params["rate"])


@pytest.mark.parametrize("direction", ["minimize", "maximize"])
def test_it_beats_drawing_at_random_in_many_dimensions(direction):
    sign = 1 if direction == "minimize" else -1

    def objective(trial):
        return sign * sum(trial.suggest_float(f"x{i}", -1, 1) ** 2 for i in range(20))

    reached = {}
    for name in ("local", "random"):
        study = optuna.create_study(sampler=make_sampler(name, seed=0), direction=direction)
        study.optimize(objective, n_trials=60)
        reached[name] = sign * study.best_value
    assert reached["local"] < 0.7 * reached["random"]


def test_with_several_objectives_it_begins_at_the_front():
    study = optuna.create_study(sampler=LocalSampler(0), directions=["minimize", "minimize"])
    study.optimize(lambda trial: (suggest(trial)["rate"], 1.0), n_trials=10)
    assert len(study.trials) == 10


def test_the_first_trial_without_any_other_is_drawn_at_random():
    study = optuna.create_study(sampler=LocalSampler(0))
    assert suggest(study.ask()).keys() == FIRST.keys()


def test_what_only_the_change_asks_for_is_drawn():
    study = optuna.create_study(sampler=make_sampler("local", seed=0, first=[{"kind": "plain"}]))
    seen = set()
    for _ in range(10):
        trial = study.ask()
        kind = trial.suggest_categorical("kind", ["plain", "tilted"])
        if kind == "tilted":
            assert 0 <= trial.suggest_float("tilt", 0, 1) <= 1
        seen.add(kind)
        study.tell(trial, float(trial.number))
    assert seen == {"plain", "tilted"}


def test_a_distribution_of_one_value_stays():
    study = optuna.create_study(sampler=LocalSampler(0))
    fixed = {"one": FloatDistribution(0.5, 0.5), "two": IntDistribution(1, 1)}
    for _ in range(3):
        trial = study.ask(fixed)
        assert trial.params == {"one": 0.5, "two": 1}
        study.tell(trial, 0.0)
