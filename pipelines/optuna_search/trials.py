"""The trials of a study as a queue that any number of workers take from."""

from __future__ import annotations

from optuna.storages import fail_stale_trials
from optuna.study import Study
from optuna.trial import FrozenTrial, Trial, TrialState

from pipelines.optuna_search.records import EVALUATION
from pipelines.optuna_search.workers import Identity, is_dead
from pipelines.search.heard_warnings import heard_warnings

__all__ = ["DEATHS", "WORKER", "finished", "give_back", "offer", "take_back_from_the_dead"]

WORKER = "worker"
DEATHS = "deaths"


def finished(study: Study) -> list[FrozenTrial]:
    """The trials that have an evaluation, by number."""
    trials = study.get_trials(deepcopy=False)
    return [one for one in trials if one.state.is_finished() and EVALUATION in one.user_attrs]


def offer(study: Study, n_trials: int, worker: Identity) -> bool | None:
    """See to it that there is a trial to take.

    Parameters
    ----------
    study : optuna.study.Study
    n_trials : int
        How many there may be in all.
    worker : Identity
        Who will take one.

    Returns
    -------
    bool or None
        Whether there is one; None where there may be one later, if another worker dies.
    """
    take_back_from_the_dead(study, worker)
    trials = study.get_trials(deepcopy=False)
    if any(one.state == TrialState.WAITING for one in trials):
        return True
    running = [one for one in trials if one.state == TrialState.RUNNING]
    if len(running) + len(finished(study)) < n_trials:
        # Not by ask() alone: from its first moment on a trial says whose it is.
        study.enqueue_trial({}, user_attrs={WORKER: worker})
        return True
    owners = [one.user_attrs.get(WORKER) for one in running]
    return None if any(not owner or owner["name"] != worker["name"] for owner in owners) else False


def take_back_from_the_dead(study: Study, worker: Identity, *, at_the_start: bool = False) -> None:
    """Queue the trials of dead workers again.

    Those of this machine keep their number and parameters. Those of other machines, whose
    heartbeats have ceased, are failed by Optuna, which queues a new trial like it.

    A trial is blamed for its worker's death, unless a search begins and finds nobody alive: then
    the whole of it was killed, and none of its trials is to blame.

    Parameters
    ----------
    study : optuna.study.Study
    worker : Identity
        Who takes them back. Queued trials of the dead become its own: whoever takes one says so
        only a moment later, and until then the trial must not seem to be a dead worker's.
    at_the_start : bool, default=False
        Whether a search begins.
    """
    unfinished = (TrialState.RUNNING, TrialState.WAITING)
    trials = study.get_trials(deepcopy=False, states=unfinished)
    orphans = [trial for trial in trials if is_dead(trial.user_attrs.get(WORKER))]
    n_running, n_dead = (
        sum(trial.state == TrialState.RUNNING for trial in some) for some in (trials, orphans)
    )
    blamed = not (at_the_start and n_dead == n_running)
    for trial in orphans:
        study._storage.set_trial_user_attr(trial._trial_id, WORKER, worker)
        if trial.state == TrialState.RUNNING:
            n_deaths = trial.user_attrs.get(DEATHS, 0) + blamed
            study._storage.set_trial_user_attr(trial._trial_id, DEATHS, n_deaths)
            give_back(study, trial)
    with heard_warnings():  # it is experimental, and other threads are being heard
        fail_stale_trials(study)


def give_back(study: Study, trial: FrozenTrial | Trial) -> None:
    """Put a trial that has not ended back into the queue, with its number and parameters."""
    study._storage.set_trial_state_values(trial._trial_id, TrialState.WAITING)
