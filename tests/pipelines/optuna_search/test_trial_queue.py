from __future__ import annotations

import time
from contextlib import contextmanager

import optuna
import pytest
from optuna.trial import TrialState

from pipelines.optuna_search.storages import heartbeat, open_storage
from pipelines.optuna_search.trial_queue import DEATHS, WORKER, TrialQueue
from pipelines.optuna_search.workers import working


@pytest.fixture(params=["{}/a.journal", "sqlite:///{}/a.db"])
def storage(request, tmp_path):
    return open_storage(request.param.format(tmp_path))


@pytest.fixture
def study(storage):
    return optuna.create_study(storage=storage, study_name="one")


@pytest.fixture
def queue(study, storage):
    """The study as a living worker sees it."""
    with working() as worker:
        yield TrialQueue(study, storage, worker)


@contextmanager
def another(queue, **identity):
    """The same study as another worker sees it, which is dead afterwards."""
    with working() as worker:
        yield TrialQueue(queue.study, queue.storage, {**worker, **identity})


def states(queue):
    return [trial.state.name for trial in queue.study.trials]


def start(queue, n_trials=10):
    """Begin a trial as a worker does."""
    assert queue.fill(n_trials) == "ready"
    return queue.take()


def test_filling_until_there_are_enough(queue):
    assert queue.fill(2) == "ready"
    assert queue.fill(2) == "ready"  # the same
    assert states(queue) == ["WAITING"]
    assert queue.study.trials[0].user_attrs[WORKER] == queue.worker
    start(queue)
    start(queue)
    assert states(queue) == ["RUNNING", "RUNNING"]
    assert queue.fill(2) == "done"


def test_those_that_others_run_may_come_back(queue):
    with another(queue) as other:
        trial = start(other)
        assert queue.fill(1) == "wait"
    assert queue.fill(1) == "ready"
    (again,) = queue.study.trials
    assert (again.number, again.state) == (trial.number, TrialState.WAITING)
    assert again.user_attrs[DEATHS] == 1


def test_a_failure_without_an_evaluation_does_not_count(queue):
    queue.study.tell(start(queue), state=TrialState.FAIL)
    assert queue.fill(1) == "ready"


def test_a_trial_that_is_given_back_keeps_what_was_drawn(queue):
    trial = start(queue)
    drawn = trial.suggest_float("x", 0, 1)
    queue.give_back(trial)
    assert states(queue) == ["WAITING"]
    again = start(queue)
    assert again.number == trial.number
    assert again.suggest_float("x", 0, 1) == drawn


def test_a_search_that_was_killed_as_a_whole_has_no_trial_to_blame(queue):
    with another(queue) as killed:
        start(killed)
    queue.reclaim(at_the_start=True)
    assert states(queue) == ["WAITING"]
    assert queue.study.trials[0].user_attrs[DEATHS] == 0
    start(queue)
    with another(queue) as killed:
        start(killed)
    queue.reclaim(at_the_start=True)  # but here somebody is alive
    assert states(queue) == ["RUNNING", "WAITING"]
    assert queue.study.trials[1].user_attrs[DEATHS] == 1


@pytest.mark.filterwarnings("ignore:Heartbeat of storage")  # of a bare ask()
@pytest.mark.parametrize("was", ["running", "queued"])
def test_a_trial_of_the_dead_is_not_reclaimed_twice(queue, was):
    with another(queue) as dead:
        trial = start(dead)
        if was == "queued":
            dead.give_back(trial)
    assert queue.fill(1) == "ready"
    queue.study.ask()  # another worker takes it, and has not said so yet
    with another(queue) as third:
        assert third.fill(1) == "wait"
    assert states(queue) == ["RUNNING"]


def test_living_workers_keep_theirs(queue):
    start(queue)
    with another(queue, host="elsewhere") as other:
        start(other)
    queue.reclaim()
    assert states(queue) == ["RUNNING", "RUNNING"]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("storage", ["sqlite:///{}/a.db"], indirect=True)
def test_another_machine_whose_heartbeat_has_ceased(queue, storage):
    with another(queue, host="elsewhere") as other:
        trial = start(other)
    drawn = trial.suggest_float("x", 0, 1)
    with heartbeat(storage, queue.id_of(trial)):
        pass
    queue.reclaim()
    assert states(queue) == ["RUNNING"]
    storage.grace_period = 1
    time.sleep(2.1)  # a database counts whole seconds
    assert queue.fill(1) == "ready"
    assert states(queue) == ["FAIL", "WAITING"]
    assert queue.study.trials[1].params == {"x": drawn}
