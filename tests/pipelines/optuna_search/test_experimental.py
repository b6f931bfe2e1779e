"""What breaks when something experimental in Optuna goes, each in a test of its own."""

from __future__ import annotations

import time

import optuna
import pytest
from optuna.trial import TrialState

from pipelines.optuna_search.experimental import (
    fail_stale_trials,
    heartbeat_database,
    storage_proxy,
    tpe_sampler,
)
from pipelines.search.capture_warnings import capture_warnings

pytestmark = pytest.mark.filterwarnings("error")


@pytest.fixture
def database(tmp_path):
    storage = heartbeat_database(
        f"sqlite:///{tmp_path}/a.db", interval=1, grace_period=1, engine_kwargs={}
    )
    yield storage
    storage.engine.dispose()


def test_without_heartbeats_the_trials_of_lost_machines_are_not_run_again(database):
    study = optuna.create_study(storage=database, study_name="one")
    with capture_warnings():  # of a bare ask()
        study.ask()
    database.record_heartbeat(1)
    fail_stale_trials(study)
    assert study.trials[0].state == TrialState.RUNNING
    time.sleep(2.1)  # a database counts whole seconds
    fail_stale_trials(study)
    assert [trial.state for trial in study.trials] == [TrialState.FAIL, TrialState.WAITING]


def test_without_groups_hyperparameters_of_one_branch_are_drawn_alone():
    study = optuna.create_study(sampler=tpe_sampler(seed=0, grouped=True))
    for number in range(12):
        trial = study.ask()
        kind = trial.suggest_categorical("kind", ["plain", "tilted"])
        if kind == "tilted":
            trial.suggest_float("tilt", 0, 1)
            trial.suggest_float("slope", 0, 1)
        study.tell(trial, float(number))
    spaces = study.sampler.infer_relative_search_space(study, study.trials[-1])
    assert {"tilt", "slope"} <= spaces.keys()


def test_without_the_proxy_a_database_serves_fewer_workers():
    proxy = storage_proxy("127.0.0.1", 1)
    with pytest.raises(ConnectionError):
        proxy.wait_server_ready(timeout=0.1)
