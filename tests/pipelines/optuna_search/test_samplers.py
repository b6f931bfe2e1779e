from __future__ import annotations

from importlib.util import find_spec

import optuna
import pytest

from pipelines import InputError
from pipelines.optuna_search import samplers
from pipelines.optuna_search.samplers import SAMPLERS, choose_sampler, make_sampler

optuna.logging.set_verbosity(optuna.logging.ERROR)


def study_of(sampler, n_trials, study=None, forget=False):
    """Minimize a bowl whose second parameter is there only on one side."""

    def objective(trial):
        x = trial.suggest_float("x", -1, 1)
        y = trial.suggest_float("y", -1, 1)
        kind = trial.suggest_categorical("kind", ["plain", "tilted"])
        tilt = trial.suggest_float("tilt", 0, 1) if kind == "tilted" else 0.0
        return x**2 + y**2 + tilt

    study = study or optuna.create_study(sampler=sampler)
    study.sampler = sampler
    study.optimize(objective, n_trials=n_trials)
    return study


def params_of(study):
    return [trial.params for trial in study.trials]


NEEDS_TORCH = pytest.mark.skipif(not find_spec("torch"), reason="gp needs PyTorch")


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=NEEDS_TORCH if name == "gp" else ()) for name in SAMPLERS]
)
class TestEverySampler:
    def test_a_seed_decides(self, name):
        one = study_of(make_sampler(name, seed=1), 15)
        same = study_of(make_sampler(name, seed=1), 15)
        other = study_of(make_sampler(name, seed=2), 15)
        assert params_of(one) == params_of(same)
        assert params_of(one)[0] != params_of(other)[0]
        assert len({tuple(params.items()) for params in params_of(one)}) == 15

    def test_going_on_proposes_what_was_to_come(self, name):
        whole = study_of(make_sampler(name, seed=1), 14)
        part = study_of(make_sampler(name, seed=1), 12)
        study_of(make_sampler(name, seed=1), 2, study=part)
        assert params_of(part) == params_of(whole)

    def test_the_first_trials_are_given(self, name):
        first = [
            {"x": 0.5, "y": 0.25, "kind": "tilted", "tilt": 0.75},
            {"x": -0.5, "y": 0.0, "kind": "plain"},
        ]
        study = study_of(make_sampler(name, seed=1, first=first), 3)
        assert params_of(study)[:2] == first
        assert params_of(study)[2] not in first


def test_the_better_half_of_what_tpe_draws_is_better_than_random():
    tpe, random = (study_of(make_sampler(name, seed=3), 60) for name in ("tpe", "random"))

    def later(study):
        return sorted(trial.value for trial in study.trials[30:])[15]

    assert later(tpe) < later(random) / 2


@pytest.mark.parametrize(
    ("name", "n_hyperparameters", "chosen"),
    [("auto", 10, "tpe"), ("auto", 11, "local"), ("random", 11, "random"), ("local", 2, "local")],
)
def test_many_hyperparameters_are_changed_locally(name, n_hyperparameters, chosen):
    assert choose_sampler(name, n_hyperparameters) == chosen


def test_an_unknown_name():
    message = r"There is no sampler 'tep' \(did you mean 'tpe'\?\); choose one of tpe, local"
    with pytest.raises(InputError, match=message):
        make_sampler("tep", seed=0)


def test_gp_without_pytorch_is_told(monkeypatch):
    monkeypatch.setattr(samplers, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"'gp' needs PyTorch, which is not installed; install"):
        make_sampler("gp", seed=0)


def test_cmaes_takes_one_objective():
    make_sampler("cmaes", seed=0)
    with pytest.raises(InputError, match="'cmaes' takes one objective only"):
        make_sampler("cmaes", seed=0, n_objectives=2)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", ["tpe", "random", "cmaes"])
@pytest.mark.parametrize("n_objectives", [1, 2])
def test_making_one_warns_of_nothing(name, n_objectives):
    if (name, n_objectives) != ("cmaes", 2):
        sampler = make_sampler(name, seed=0, n_objectives=n_objectives)
        directions = ["minimize"] * n_objectives
        study = optuna.create_study(sampler=sampler, directions=directions)
        study.optimize(lambda trial: [trial.suggest_float("x", 0, 1)] * n_objectives, n_trials=12)
