from __future__ import annotations

import time

import optuna
import pytest
from optuna.trial import TrialState

from pipelines.optuna_search.storages import open_storage
from pipelines.optuna_search.trials import (
    DEATHS,
    WORKER,
    give_back,
    offer,
    take_back_from_the_dead,
)
from pipelines.optuna_search.workers import working


@pytest.fixture(params=["{}/a.journal", "sqlite:///{}/a.db"])
def study(request, tmp_path):
    storage = open_storage(request.param.format(tmp_path))
    return optuna.create_study(storage=storage, study_name="one")


@pytest.fixture
def me():
    with working() as worker:
        yield worker


def states(study):
    return [trial.state.name for trial in study.trials]


def start(study, worker):
    """Begin a trial as a worker does."""
    assert offer(study, 10, worker)
    trial_id = study._pop_waiting_trial_id()
    study._storage.set_trial_user_attr(trial_id, WORKER, worker)
    return study._storage.get_trial(trial_id)


def test_offering_until_there_are_enough(study, me):
    assert offer(study, 2, me) is True
    assert offer(study, 2, me) is True  # the same
    assert states(study) == ["WAITING"]
    assert study.trials[0].user_attrs[WORKER] == me
    start(study, me)
    start(study, me)
    assert states(study) == ["RUNNING", "RUNNING"]
    assert offer(study, 2, me) is False


def test_those_that_others_run_may_come_back(study, me):
    with working() as other:
        trial = start(study, other)
        assert offer(study, 1, me) is None
    assert offer(study, 1, me) is True
    (again,) = study.trials
    assert (again.number, again.state) == (trial.number, TrialState.WAITING)
    assert again.user_attrs[DEATHS] == 1


def test_a_failure_without_an_evaluation_does_not_count(study, me):
    study.tell(start(study, me).number, state=TrialState.FAIL)
    assert offer(study, 1, me) is True


def test_a_trial_that_is_given_back_keeps_what_was_drawn(study, me):
    def objective(trial):
        trial.suggest_float("x", 0, 1)
        raise SystemExit

    study.enqueue_trial({})
    with pytest.raises(SystemExit):
        study.optimize(objective, n_trials=1)
    (before,) = study.trials
    assert before.state == TrialState.RUNNING
    give_back(study, before)
    drawn = []
    study.optimize(lambda trial: drawn.append(trial.suggest_float("x", 0, 1)) or 1.0, n_trials=1)
    assert states(study) == ["COMPLETE"]
    assert drawn == [before.params["x"]]


def test_a_search_that_was_killed_as_a_whole_has_no_trial_to_blame(study, me):
    with working() as killed:
        start(study, killed)
    take_back_from_the_dead(study, me, at_the_start=True)
    assert states(study) == ["WAITING"]
    assert study.trials[0].user_attrs[DEATHS] == 0
    start(study, me)
    with working() as killed:
        start(study, killed)
    take_back_from_the_dead(study, me, at_the_start=True)  # but here somebody is alive
    assert states(study) == ["RUNNING", "WAITING"]
    assert study.trials[1].user_attrs[DEATHS] == 1


@pytest.mark.parametrize("was", ["running", "queued"])
def test_a_trial_of_the_dead_is_not_taken_back_twice(study, me, was):
    with working() as dead:
        trial = start(study, dead)
        if was == "queued":
            give_back(study, trial)
    assert offer(study, 1, me) is True
    study._pop_waiting_trial_id()  # another worker takes it, and has not said so yet
    with working() as third:
        assert offer(study, 1, third) is None
    assert states(study) == ["RUNNING"]


def test_living_workers_keep_theirs(study, me):
    start(study, me)
    with working() as other:
        start(study, {**other, "host": "elsewhere"})
    take_back_from_the_dead(study, me)
    assert states(study) == ["RUNNING", "RUNNING"]


@pytest.mark.filterwarnings("error")
def test_another_machine_whose_heartbeat_has_ceased(tmp_path, me):
    storage = open_storage(f"sqlite:///{tmp_path}/a.db")
    study = optuna.create_study(storage=storage, study_name="one")
    with working() as other:
        trial = start(study, {**other, "host": "elsewhere"})
    study._storage.set_trial_param(
        trial._trial_id, "x", 0.25, optuna.distributions.FloatDistribution(0, 1)
    )
    study._storage.record_heartbeat(trial._trial_id)
    take_back_from_the_dead(study, me)
    assert states(study) == ["RUNNING"]
    storage.grace_period = 1
    time.sleep(2.1)  # a database counts whole seconds
    assert offer(study, 1, me) is True
    assert states(study) == ["FAIL", "WAITING"]
    assert study.trials[1].params == {"x": 0.25}
