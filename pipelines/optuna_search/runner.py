"""A worker that runs the trials of a study, one or several at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from typing import Any

import numpy as np
import optuna
from optuna.exceptions import UpdateFinishedTrialError
from optuna.storages import BaseStorage
from optuna.study import Study
from optuna.trial import Trial, TrialState

from pipelines.optuna_search.objectives import OBJECTIVES, epoch_value
from pipelines.optuna_search.storages import GRACE_PERIOD, heartbeat
from pipelines.optuna_search.trial_queue import BESIDE, DEATHS, EVALUATION, TrialQueue
from pipelines.optuna_search.workers import working
from pipelines.search import Candidate, Evaluation, SearchObserver, dump_evaluation
from pipelines.search.observer import EpochWriter, epoch_writers, notify
from pipelines.search.space_candidates import SpaceCandidates
from pipelines.space import Choice, Range

__all__ = ["Runner"]

_MAX_DEATHS = 3
_POLL_SECONDS = 0.5


class Runner:
    """Runs trials until there are enough of them.

    Parameters
    ----------
    study : optuna.study.Study
    storage : optuna.storages.BaseStorage
        The study's.
    candidates : SpaceCandidates
        Makes a candidate of what a trial suggests.
    evaluate : callable
        Evaluates a candidate; takes ``on_epoch`` and ``epoch_writers`` by keyword.
    objectives : tuple of str
    metric : str
        Name of the scorer that ranks.
    prunes : bool
        Whether trials may be pruned.
    n_first : int
        How many of the first trials may not.
    observers : sequence of SearchObserver
    begins_outside_space : bool, default=False
        Whether the first trial is the candidates' configuration beside the space.
    n_last_fits : float, default=0.0
        How many fits of a fold the fits on all rows take that follow, for which time is left: up to
        half of what there is.
    """

    def __init__(
        self,
        study: Study,
        storage: BaseStorage,
        candidates: SpaceCandidates,
        evaluate: Callable[..., Evaluation],
        *,
        objectives: tuple[str, ...],
        metric: str,
        prunes: bool,
        n_first: int,
        observers: Sequence[SearchObserver],
        begins_outside_space: bool = False,
        n_last_fits: float = 0.0,
    ):
        self.study = study
        self.storage = storage
        self.candidates = candidates
        self.evaluate = evaluate
        self.objectives = objectives
        self.metric = metric
        self.prunes = prunes
        self.n_first = n_first
        self.observers = observers
        self.begins_outside_space = begins_outside_space
        self.n_last_fits = n_last_fits
        self._fit_seconds: list[float] = []
        self._most_last_seconds = float("inf")
        self._lock = threading.Lock()
        self._stopping = threading.Event()

    def run(self, n_trials: int, deadline: float, n_jobs: int) -> set[int]:
        """Run trials.

        Parameters
        ----------
        n_trials : int
            Trials of the study in all, other workers' included.
        deadline : float
            By the clock of ``time.monotonic``, when the fits that follow are to have ended.
        n_jobs : int
            Trials at once, each in a thread.

        Returns
        -------
        set of int
            Numbers of the trials that have ended here.
        """
        ended: set[int] = set()
        self._most_last_seconds = (deadline - time.monotonic()) / 2
        with working() as worker, _silent_optuna():
            queue = TrialQueue(self.study, self.storage, worker)
            queue.reclaim(at_the_start=True)
            if n_jobs == 1:
                self._work(queue, n_trials, deadline, ended)
                return ended
            with ThreadPoolExecutor(n_jobs) as threads:
                works = [
                    threads.submit(self._work, queue, n_trials, deadline, ended)
                    for _ in range(n_jobs)
                ]
                try:
                    wait(works, return_when=FIRST_EXCEPTION)
                finally:
                    if any(not work.done() or work.exception() for work in works):
                        self._stopping.set()
            for work in works:
                work.result()
        return ended

    def _work(self, queue: TrialQueue, n_trials: int, deadline: float, ended: set[int]) -> None:
        idle_since = None
        while not self._stopping.is_set() and time.monotonic() + self._last_seconds() < deadline:
            with self._lock:
                state = queue.fill(n_trials)
            if state == "ready":
                idle_since = None
                self._run_one(queue, ended)
                continue
            idle_since = idle_since or time.monotonic()
            # Within that time the trials of a dead worker come back.
            if state == "done" or time.monotonic() - idle_since > 1.5 * GRACE_PERIOD:
                return
            time.sleep(_POLL_SECONDS)

    def _last_seconds(self) -> float:
        """Seconds that the fits after the trials will take, by those that there were."""
        if not self._fit_seconds:
            return 0.0
        return min(self.n_last_fits * float(np.mean(self._fit_seconds)), self._most_last_seconds)

    def _run_one(self, queue: TrialQueue, ended: set[int]) -> None:
        """Take a trial and run it; it goes back into the queue where the search ends meanwhile."""
        trial = queue.take()
        try:
            with heartbeat(self.storage, queue.id_of(trial)):
                candidate = self._candidate_of(trial)
                writers = epoch_writers(self.observers, candidate)
                self._notify("on_candidate_begin", candidate)
                evaluation = self._evaluate(queue, trial, candidate, writers)
                if evaluation is None:
                    queue.give_back(trial)
                    return
                trial.set_user_attr(EVALUATION, dump_evaluation(evaluation))
            self._tell(trial, evaluation)
        except UpdateFinishedTrialError:  # another worker took this one for dead
            return
        except BaseException:
            with suppress(UpdateFinishedTrialError):
                queue.give_back(trial)
            raise
        ended.add(trial.number)
        if evaluation.folds:
            self._fit_seconds.append(evaluation.fit_seconds)
        self._notify("on_candidate_end", evaluation)

    def _candidate_of(self, trial: Trial) -> Candidate:
        if self.begins_outside_space and trial.number == 0:
            trial.set_user_attr(BESIDE, True)
        if BESIDE in trial.user_attrs:
            return self.candidates.candidate_outside_space(trial.number)
        values = self.candidates.space.draw(_suggest_by(trial))
        return self.candidates.candidate(trial.number, values)

    def _tell(self, trial: Trial, evaluation: Evaluation) -> None:
        values = state = None
        # What lies outside the space would keep samplers from the hyperparameters that it lacks, and
        # the unit of its loss may be another one: Optuna is not to learn from it.
        if evaluation.status == "complete" and BESIDE not in trial.user_attrs:
            values = [OBJECTIVES[name].value(evaluation, self.metric) for name in self.objectives]
        else:
            state = TrialState.PRUNED if evaluation.status == "pruned" else TrialState.FAIL
        # Another worker may take this one for dead, and its trial for failed, until the last moment.
        self.study.tell(trial, values, state, skip_if_finished=True)

    def _evaluate(
        self,
        queue: TrialQueue,
        trial: Trial,
        candidate: Candidate,
        writers: Sequence[EpochWriter],
    ) -> Evaluation | None:
        """Evaluate a candidate; None where the search ends before it is done."""
        if trial.user_attrs.get(DEATHS, 0) >= _MAX_DEATHS:
            return Evaluation.failed(candidate, f"Its worker died {_MAX_DEATHS} times.")
        # A trial of a dead worker has reported, and not been pruned by, some epochs already.
        known = self.storage.get_trial(queue.id_of(trial)).intermediate_values
        last_known = max(known, default=0)
        is_first = trial.number < self.n_first or BESIDE in trial.user_attrs
        prunes = self.prunes and not is_first
        stopped = False

        def on_epoch(epoch: int, logs: Mapping[str, float]) -> bool:
            nonlocal stopped
            if self._stopping.is_set():
                stopped = True
                return True
            if epoch not in known and len(self.objectives) == 1:
                trial.report(epoch_value(self.metric, logs), epoch)
            return prunes and epoch >= last_known and trial.should_prune()

        evaluation = self.evaluate(candidate, on_epoch=on_epoch, epoch_writers=writers)
        return None if stopped and evaluation.status == "pruned" else evaluation

    def _notify(self, hook: str, what: Candidate | Evaluation) -> None:
        with self._lock:
            notify(self.observers, hook, what)


def _suggest_by(trial: Trial) -> Callable[[str, Choice | Range], Any]:
    def suggest(key: str, domain: Choice | Range) -> Any:
        if isinstance(domain, Choice):
            return trial.suggest_categorical(key, domain.labels)
        low, high, step = domain.low, domain.high, domain.step
        if domain.is_whole:
            return trial.suggest_int(key, int(low), int(high), step=int(step or 1), log=domain.log)
        return trial.suggest_float(key, low, high, step=step, log=domain.log)

    return suggest


@contextmanager
def _silent_optuna() -> Iterator[None]:
    """Keep Optuna from logging every trial; the observers show them."""
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        yield
    finally:
        optuna.logging.set_verbosity(before)
