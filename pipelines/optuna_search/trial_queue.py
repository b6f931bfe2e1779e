"""The trials of a study as a queue from which any number of workers take."""

from __future__ import annotations

from typing import Literal

from optuna.storages import BaseStorage
from optuna.study import Study
from optuna.trial import FrozenTrial, Trial, TrialState

from pipelines.optuna_search.experimental import fail_stale_trials
from pipelines.optuna_search.workers import Identity, is_dead
from pipelines.search.capture_warnings import capture_warnings

__all__ = ["BESIDE", "DEATHS", "EVALUATION", "WORKER", "TrialQueue", "finished_trials"]

# User attributes of a trial: its evaluation as JSON, the worker that has it, how many workers have
# died of it, and whether it was not drawn, since it lies outside the space.
EVALUATION = "evaluation"
WORKER = "worker"
DEATHS = "deaths"
BESIDE = "beside the space"


def finished_trials(study: Study) -> list[FrozenTrial]:
    """The trials that have an evaluation, by number."""
    trials = study.get_trials(deepcopy=False)
    return [one for one in trials if one.state.is_finished() and EVALUATION in one.user_attrs]


class TrialQueue:
    """The trials of a study, as one worker sees them.

    Parameters
    ----------
    study : optuna.study.Study
    storage : optuna.storages.BaseStorage
        The study's.
    worker : Identity
        Who takes trials.
    """

    def __init__(self, study: Study, storage: BaseStorage, worker: Identity):
        self.study = study
        self.storage = storage
        self.worker = worker
        self._study_id = storage.get_study_id_from_name(study.study_name)

    def fill(self, n_trials: int) -> Literal["ready", "wait", "done"]:
        """Queue a trial, unless one is waiting or there are enough.

        Parameters
        ----------
        n_trials : int
            How many there may be in all, those of other workers included.

        Returns
        -------
        {"ready", "wait", "done"}
            Whether there is a trial to take; "wait" where there may be one later, if another
            worker dies.
        """
        self.reclaim()
        trials = self.study.get_trials(deepcopy=False)
        if any(one.state == TrialState.WAITING for one in trials):
            return "ready"
        running = [one for one in trials if one.state == TrialState.RUNNING]
        if len(running) + len(finished_trials(self.study)) < n_trials:
            # Not by ask() alone: from its first moment on a trial says whose it is.
            self.study.enqueue_trial({}, user_attrs={WORKER: self.worker})
            return "ready"
        owners = [one.user_attrs.get(WORKER) for one in running]
        others = any(not owner or owner["name"] != self.worker["name"] for owner in owners)
        return "wait" if others else "done"

    def take(self) -> Trial:
        """Take a trial, which is running then."""
        with capture_warnings():  # Optuna expects only its own loop to record heartbeats
            trial = self.study.ask()
        trial.set_user_attr(WORKER, self.worker)
        return trial

    def give_back(self, trial: FrozenTrial | Trial) -> None:
        """Put a trial that has not ended back into the queue, with its number and parameters."""
        self.storage.set_trial_state_values(self.id_of(trial), TrialState.WAITING)

    def reclaim(self, *, at_the_start: bool = False) -> None:
        """Queue the trials of dead workers again.

        Those of this machine keep their number and parameters. Those of other machines, whose
        heartbeats have ceased, are failed by Optuna, which queues a new trial like it.

        A trial is blamed for its worker's death, unless a search begins and finds nobody alive:
        then the whole search was killed, and none of its trials is to blame.

        Parameters
        ----------
        at_the_start : bool, default=False
            Whether a search begins.
        """
        unfinished = (TrialState.RUNNING, TrialState.WAITING)
        trials = self.study.get_trials(deepcopy=False, states=unfinished)
        orphans = [trial for trial in trials if is_dead(trial.user_attrs.get(WORKER))]
        n_running, n_dead = (
            sum(trial.state == TrialState.RUNNING for trial in some) for some in (trials, orphans)
        )
        blamed = not (at_the_start and n_dead == n_running)
        for trial in orphans:
            # Whoever takes a queued trial says so only a moment later; until then it must not
            # seem to be a dead worker's.
            self._note(trial, WORKER, self.worker)
            if trial.state == TrialState.RUNNING:
                self._note(trial, DEATHS, trial.user_attrs.get(DEATHS, 0) + blamed)
                self.give_back(trial)
        fail_stale_trials(self.study)

    def id_of(self, trial: FrozenTrial | Trial) -> int:
        """The storage's name for a trial."""
        return self.storage.get_trial_id_from_study_id_trial_number(self._study_id, trial.number)

    def _note(self, trial: FrozenTrial, name: str, value: object) -> None:
        self.storage.set_trial_user_attr(self.id_of(trial), name, value)
