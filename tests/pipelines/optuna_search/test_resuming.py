"""Searches that are interrupted, or shared."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import optuna
import pytest
from optuna.trial import TrialState

from pipelines import InputError
from pipelines.optuna_search import runner
from pipelines.optuna_search.storages import open_storage
from pipelines.optuna_search.trial_queue import BESIDE, DEATHS, WORKER, TrialQueue, finished_trials
from pipelines.optuna_search.workers import working

ROOT = Path(__file__).parents[3]
N_TRIALS = 12

SCRIPT = """
import sys
import numpy as np
import pandas as pd
from pipelines import Dataset, OptunaSearch, make_pipeline

values = np.random.default_rng(0).normal(loc=5, scale=3, size=(60, 3))
X = pd.DataFrame(values, columns=["length", "width", "height"])
y = (X["length"] - 2 * X["width"]).map(lambda x: "big" if x > -5 else "small").rename("size")
data = Dataset("boxes", X, y, "classification", "table", "made up")
pipeline = make_pipeline(
    data, preset="plain", epochs=4, hidden_layer_sizes=(4,), batch_size=16, random_state=0
)
storage, n_trials, space = sys.argv[1:]
print("ready", flush=True)
search = OptunaSearch(pipeline, space, n_trials=int(n_trials), storage=storage, refit=False)
search.fit(data.X, data.y)
print(len(search.evaluations_), flush=True)
"""


@pytest.fixture
def spawn(forks):
    """A function that starts the same search in a process of its own."""

    def start(storage, space, n_trials=N_TRIALS):
        process = forks.start(
            [sys.executable, "-c", textwrap.dedent(SCRIPT), storage, str(n_trials), space],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        assert process.stdout.readline() == "ready\n"
        return process

    return start


def kill(process):
    process.send_signal(signal.SIGKILL)
    process.communicate()


def wait_for(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def journal(tmp_path):
    return str(tmp_path / "a.journal")


@pytest.fixture(scope="module")
def whole(make_search, data):
    """A search that nothing interrupted."""
    return make_search(n_trials=N_TRIALS).fit(data.X, data.y)


class TestInterrupted:
    @pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
    def test_it_ends_as_if_it_had_not_been(
        self, make_search, data, journal, recorder, whole, trials_of, outcomes_of, error
    ):
        for moment in (("begins", 3), ("ends", 5), ("begins", 11)):
            observer = recorder(fail_at=moment, error=error)
            search = make_search(n_trials=N_TRIALS, storage=journal, observers=[observer])
            with pytest.raises(error):
                search.fit(data.X, data.y)
            assert observer.told[-1] == ("search ends",)
            last = search.study_.trials[-1]
            assert last.number == moment[1]
            given_back = last.state == TrialState.WAITING
            assert given_back if moment[0] == "begins" else last.state.is_finished()
        observer = recorder()
        search = make_search(n_trials=N_TRIALS, storage=journal, observers=[observer])
        search.fit(data.X, data.y)
        assert trials_of(search) == trials_of(whole)
        assert outcomes_of(search) == outcomes_of(whole)
        assert observer.told == [
            ("search begins", 12, 3),
            *[("resumed", number) for number in range(11)],
            ("begins", 11),
            ("ends", 11),
            ("search ends",),
        ]

    def test_a_first_one_outside_the_space(
        self, make_search, data, journal, recorder, trials_of, outcomes_of
    ):
        how = {"n_trials": 4, "epochs": 2, "first": [{"activation": "selu"}]}
        whole = make_search(**how).fit(data.X, data.y)
        for moment in (("begins", 0), ("begins", 1)):
            with pytest.raises(KeyboardInterrupt):
                make_search(**how, storage=journal, observers=[recorder(moment)]).fit(
                    data.X, data.y
                )
        search = make_search(**how, storage=journal).fit(data.X, data.y)
        assert search.evaluations_[0].candidate.hyperparameters["activation"] == "selu"
        assert trials_of(search) == trials_of(whole)
        assert outcomes_of(search) == outcomes_of(whole)

    def test_in_the_middle_of_a_trial(
        self, make_search, data, journal, trials_of, outcomes_of, monkeypatch
    ):
        how = {"n_trials": 9, "epochs": 10, "cv": 2, "random_state": 1, "sampler": "random"}
        whole = make_search(**how).fit(data.X, data.y)
        stopped = [t for t in whole.study_.trials if t.state == TrialState.PRUNED]
        pruned = next(trial for trial in stopped if trial.last_step > 3)
        report = optuna.Trial.report

        def interrupted(trial, value, step):
            report(trial, value, step)
            if (trial.number, step) == (pruned.number, pruned.last_step):
                raise KeyboardInterrupt  # reported, but not yet asked whether to prune

        with monkeypatch.context() as patch:
            patch.setattr(optuna.Trial, "report", interrupted)
            with pytest.raises(KeyboardInterrupt):
                make_search(**how, storage=journal).fit(data.X, data.y)
        search = make_search(**how, storage=journal).fit(data.X, data.y)
        assert trials_of(search) == trials_of(whole)
        assert outcomes_of(search) == outcomes_of(whole)

    def test_more_trials_go_on_with_the_same_study(
        self, make_search, data, journal, whole, trials_of
    ):
        make_search(n_trials=5, storage=journal).fit(data.X, data.y)
        search = make_search(n_trials=N_TRIALS, storage=journal).fit(data.X, data.y)
        assert trials_of(search) == trials_of(whole)

    def test_there_is_nothing_left_to_do(self, make_search, data, journal, recorder, outcomes_of):
        first = make_search(n_trials=3, storage=journal).fit(data.X, data.y)
        observer = recorder()
        again = make_search(n_trials=3, storage=journal, observers=[observer], refit=True)
        again.fit(data.X, data.y)
        assert outcomes_of(again) == outcomes_of(first)
        assert {told[0] for told in observer.told} == {"search begins", "resumed", "search ends"}
        assert again.best_score_ == first.best_score_
        assert again.predict(data.X).shape == (60,)

    @pytest.mark.slow
    @pytest.mark.parametrize("address", ["{}/a.journal", "sqlite:///{}/a.db"])
    def test_kill_9(
        self, spawn, make_search, data, tmp_path, whole, trials_of, outcomes_of, address
    ):
        storage = address.format(tmp_path)
        space = make_search().space
        for n_finished in (2, 7):
            process = spawn(storage, space)
            wait_for(lambda n=n_finished: len(finished_of(storage)) >= n)
            kill(process)
        states = [trial.state for trial in only_study(storage).trials]
        assert not all(state.is_finished() for state in states) or len(states) < N_TRIALS
        search = make_search(n_trials=N_TRIALS, storage=storage).fit(data.X, data.y)
        assert trials_of(search) == trials_of(whole)
        assert outcomes_of(search) == outcomes_of(whole)


def only_study(storage):
    opened = open_storage(storage)
    (name,) = optuna.get_all_study_names(opened)
    return optuna.load_study(study_name=name, storage=opened)


def finished_of(storage):
    try:
        return finished_trials(only_study(storage))
    except ValueError:  # no study yet
        return []


class TestShared:
    @pytest.mark.slow
    def test_two_workers_one_of_which_is_killed(self, spawn, make_search, data, tmp_path, recorder):
        """The one that goes on takes the dead one's trial back, by its number."""
        storage = f"sqlite:///{tmp_path}/a.db"
        other = spawn(storage, make_search().space, n_trials=25)
        wait_for(lambda: len(finished_of(storage)) >= 2)

        class Killer(recorder):
            def on_candidate_end(self, evaluation):
                super().on_candidate_end(evaluation)
                if len(self.told) == 9:
                    kill(other)

        observer = Killer()
        search = make_search(n_trials=25, storage=storage, observers=[observer])
        search.fit(data.X, data.y)
        numbers = [one.candidate.number for one in search.evaluations_]
        assert numbers == list(range(len(numbers)))
        assert 25 <= len(numbers) <= 26
        assert all(trial.state.is_finished() for trial in search.study_.trials)
        owners = {trial.user_attrs[WORKER]["pid"] for trial in search.study_.trials}
        assert owners == {os.getpid(), other.pid}
        told = [told[1] for told in observer.told if told[0] in ("ends", "resumed")]
        assert sorted(told) == numbers

    @pytest.mark.slow
    def test_two_workers_that_start_together(self, spawn, make_search, tmp_path):
        for address in (f"sqlite:///{tmp_path}/a.db", f"{tmp_path}/a.journal"):
            workers = [spawn(address, make_search().space, n_trials=10) for _ in range(2)]
            counts = [int(worker.communicate(timeout=120)[0]) for worker in workers]
            assert counts[0] == counts[1]
            assert 10 <= counts[0] <= 11
            study = only_study(address)
            drawn = [trial.params["learning_rate"] for trial in study.trials]
            assert len(set(drawn)) == len(drawn)

    def test_what_another_worker_runs_is_left_to_it(self, make_search, data, journal, monkeypatch):
        monkeypatch.setattr(runner, "GRACE_PERIOD", 0)
        first = make_search(n_trials=2, storage=journal, epochs=1).fit(data.X, data.y)
        with working() as other:
            elsewhere = {**other, "host": "elsewhere"}
            first.study_.enqueue_trial({}, user_attrs={WORKER: elsewhere})
            first.study_.ask()
            search = make_search(n_trials=4, storage=journal, epochs=1).fit(data.X, data.y)
        numbers = [one.candidate.number for one in search.evaluations_]
        assert numbers == [0, 1, 3]

    def test_only_others_have_trials(self, make_search, data, journal, monkeypatch):
        monkeypatch.setattr(runner, "GRACE_PERIOD", 0)

        monkeypatch.setattr(TrialQueue, "fill", lambda queue, n_trials: "wait")
        with pytest.raises(InputError, match="has ended yet: other searches run all of its trial"):
            make_search(n_trials=2, storage=journal).fit(data.X, data.y)

    def test_who_idles_takes_what_comes_back(self, make_search, data, journal, monkeypatch):
        """A worker without anything to do goes on when another one dies."""
        answers = iter(["wait", "wait"])
        fill = TrialQueue.fill
        monkeypatch.setattr(
            TrialQueue, "fill", lambda queue, n_trials: next(answers, None) or fill(queue, n_trials)
        )
        search = make_search(n_trials=1, storage=journal, epochs=1).fit(data.X, data.y)
        assert len(search.evaluations_) == 1

    def test_a_trial_that_another_one_took_for_dead_is_not_told_twice(
        self, make_search, data, journal, recorder, monkeypatch
    ):
        observer = recorder()
        search = make_search(n_trials=2, storage=journal, epochs=1, observers=[observer])
        dump = runner.dump_evaluation

        def meanwhile(evaluation):
            if evaluation.candidate.number == 0 and ("ends", 0) not in observer.told:
                study = search.study_
                trial = study.get_trials()[0]
                if trial.state == TrialState.RUNNING:
                    study.tell(trial.number, state=TrialState.FAIL)
            return dump(evaluation)

        monkeypatch.setattr(runner, "dump_evaluation", meanwhile)
        search.fit(data.X, data.y)
        assert [one.candidate.number for one in search.evaluations_] == [1, 2]
        assert ("ends", 0) not in observer.told


class TestDeaths:
    def test_a_trial_whose_worker_keeps_dying_has_failed(self, make_search, data, journal):
        search = make_search(n_trials=2, storage=journal, epochs=1).fit(data.X, data.y)
        study = search.study_
        with working() as dead:
            study.enqueue_trial({}, user_attrs={WORKER: dead, DEATHS: 3})
        study.ask()
        again = make_search(n_trials=4, storage=journal, epochs=1).fit(data.X, data.y)
        assert [one.status for one in again.evaluations_] == [
            "complete",
            "complete",
            "failed",
            "complete",
        ]
        assert again.evaluations_[2].reason == "Its worker died 3 times."
        assert again.study_.trials[2].state == TrialState.FAIL


def test_one_outside_the_space_that_is_tried_again(make_search, data, journal):
    """Optuna queues a copy where the worker of another machine has died."""
    how = {"storage": journal, "epochs": 1, "first": [{"activation": "selu"}]}
    search = make_search(n_trials=1, **how).fit(data.X, data.y)
    search.study_.enqueue_trial({}, user_attrs={BESIDE: True})
    again = make_search(n_trials=2, **how).fit(data.X, data.y)
    copy = again.evaluations_[1].candidate
    assert (copy.number, copy.name) == (1, "#1 selu, outside the space")


class TestStudies:
    def test_its_name_is_made_from_what_the_search_depends_on(self, make_search, data):
        def name(X=data.X, **how):
            return make_search(n_trials=1, epochs=1, **how).fit(X, data.y).study_.study_name

        usual = name()
        assert name() == usual
        assert name(observers=[], n_jobs=1, refit=True) == usual
        others = [
            name(random_state=1),
            name(sampler="random"),
            name(pruner="none"),
            name(cv=2),
            name(scoring="f1_macro"),
            name(space="activation: [relu, elu]"),
            name(objectives=["n_weights"]),
            name(X=data.X + 1),
        ]
        assert len({usual, *others}) == 9

    def test_a_study_about_something_else_is_refused(self, make_search, data, journal):
        how = {"n_trials": 1, "epochs": 1, "storage": journal, "study_name": "mine"}
        make_search(**how).fit(data.X, data.y)
        make_search(**how, sampler="random", random_state=5).fit(data.X, data.y)
        for other in (
            {"cv": 2},
            {"space": "activation: [relu, elu]"},
            {"scoring": "f1_macro"},
            {"first": [{"activation": "selu"}]},
        ):
            with pytest.raises(InputError, match="The study 'mine' is about other data, prep"):
                make_search(**{**how, **other}).fit(data.X, data.y)
        with pytest.raises(InputError, match="give another study_name"):
            make_search(**how).fit(data.X + 1, data.y)
