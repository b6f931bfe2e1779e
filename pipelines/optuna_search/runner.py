"""A worker that runs the trials of a study, one or several at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import Any

import optuna
from optuna.exceptions import TrialPruned, UpdateFinishedTrialError
from optuna.study import Study
from optuna.trial import Trial

from pipelines.optuna_search.objectives import OBJECTIVES, epoch_value
from pipelines.optuna_search.records import EVALUATION
from pipelines.optuna_search.storages import GRACE
from pipelines.optuna_search.trials import (
    DEATHS,
    WORKER,
    give_back,
    offer,
    take_back_from_the_dead,
)
from pipelines.optuna_search.workers import Identity, working
from pipelines.search import Candidate, Evaluation, dump_evaluation
from pipelines.search.drawn import DrawnCandidates
from pipelines.space import Choice, Range

__all__ = ["Runner"]

_MAX_DEATHS = 3
_GLANCE = 0.5

Tell = Callable[[str, Any], None]


class _FailedTrialError(Exception):
    """The trial of this evaluation has failed."""


class _Interruption(BaseException):
    """The search is ending; Optuna would make a failure of a KeyboardInterrupt."""


class Runner:
    """Runs trials until there are enough of them.

    Parameters
    ----------
    study : optuna.study.Study
    drawn : DrawnCandidates
        Makes a candidate of what a trial suggests.
    evaluate : callable
        Evaluates a candidate, given the hook for each epoch.
    objectives : tuple of str
    metric : str
        Name of the scorer that ranks.
    prunes : bool
        Whether trials may be pruned.
    n_spared : int
        How many of the first trials may not.
    tell : callable
        Tells the observers, given the name of a hook and its argument.
    """

    def __init__(
        self,
        study: Study,
        drawn: DrawnCandidates,
        evaluate: Callable[..., Evaluation],
        *,
        objectives: tuple[str, ...],
        metric: str,
        prunes: bool,
        n_spared: int,
        tell: Tell,
    ):
        self.study = study
        self.drawn = drawn
        self.evaluate = evaluate
        self.objectives = objectives
        self.metric = metric
        self.prunes = prunes
        self.n_spared = n_spared
        self._tell_observers = tell
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._here = threading.local()

    def run(self, n_trials: int, timeout: float | None, n_jobs: int) -> set[int]:
        """Run trials.

        Parameters
        ----------
        n_trials : int
            Trials of the study in all, other workers' included.
        timeout : float or None
            Seconds after which none is begun.
        n_jobs : int
            Trials at once, each in a thread.

        Returns
        -------
        set of int
            Numbers of the trials that have ended here.
        """
        ended: set[int] = set()
        deadline = time.monotonic() + (float("inf") if timeout is None else timeout)
        with working() as worker, _quiet():
            take_back_from_the_dead(self.study, worker, at_the_start=True)
            if n_jobs == 1:
                self._work(n_trials, deadline, worker, ended)
                return ended
            with ThreadPoolExecutor(n_jobs) as threads:
                works = [
                    threads.submit(self._work, n_trials, deadline, worker, ended)
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

    def _work(self, n_trials: int, deadline: float, worker: Identity, ended: set[int]) -> None:
        idle_since = None
        while not self._stopping.is_set() and time.monotonic() < deadline:
            with self._lock:
                offered = offer(self.study, n_trials, worker)
            if offered:
                idle_since = None
                self._run_one(worker, ended)
                continue
            idle_since = idle_since or time.monotonic()
            # Within that time the trials of a dead worker come back.
            if offered is False or time.monotonic() - idle_since > 1.5 * GRACE:
                return
            time.sleep(_GLANCE)

    def _run_one(self, worker: Identity, ended: set[int]) -> None:
        self._here.evaluation = None
        try:
            self.study.optimize(
                lambda trial: self._objective(trial, worker), n_trials=1, catch=(_FailedTrialError,)
            )
        except _Interruption as interruption:
            if interruption.__cause__ is not None:
                raise interruption.__cause__ from None
            return
        evaluation = self._here.evaluation
        ended.add(evaluation.candidate.number)
        self._tell("on_candidate_end", evaluation)

    def _objective(self, trial: Trial, worker: Identity) -> list[float]:
        try:
            trial.set_user_attr(WORKER, worker)
            candidate = self.drawn.candidate(
                trial.number, self.drawn.space.draw(_suggesting(trial))
            )
            self._tell("on_candidate_begin", candidate)
            evaluation = self._evaluate(trial, candidate)
            trial.set_user_attr(EVALUATION, dump_evaluation(evaluation))
        except UpdateFinishedTrialError:  # another worker took this one for dead
            raise _Interruption from None
        except Exception:
            raise
        except BaseException as error:
            give_back(self.study, trial)
            if isinstance(error, _Interruption):
                raise
            raise _Interruption from error
        self._here.evaluation = evaluation
        if evaluation.status == "pruned":
            raise TrialPruned
        if evaluation.status != "complete":
            raise _FailedTrialError(evaluation.reason)
        return [OBJECTIVES[name].value(evaluation, self.metric) for name in self.objectives]

    def _evaluate(self, trial: Trial, candidate: Candidate) -> Evaluation:
        if trial.user_attrs.get(DEATHS, 0) >= _MAX_DEATHS:
            return Evaluation.failed(candidate, f"Its worker died {_MAX_DEATHS} times.")
        # A trial of a dead worker has reported, and not been pruned by, some epochs already.
        known = self.study._storage.get_trial(trial._trial_id).intermediate_values
        last_known = max(known, default=0)
        prunes = self.prunes and trial.number >= self.n_spared

        def on_epoch(epoch: int, logs: Mapping[str, float]) -> bool:
            if self._stopping.is_set():
                raise _Interruption
            if epoch not in known and len(self.objectives) == 1:
                trial.report(epoch_value(self.metric, logs), epoch)
            return prunes and epoch >= last_known and trial.should_prune()

        return self.evaluate(candidate, on_epoch=on_epoch)

    def _tell(self, hook: str, what: Candidate | Evaluation) -> None:
        with self._lock:
            self._tell_observers(hook, what)


def _suggesting(trial: Trial) -> Callable[[str, Choice | Range], Any]:
    def suggest(key: str, domain: Choice | Range) -> Any:
        if isinstance(domain, Choice):
            return trial.suggest_categorical(key, domain.labels)
        low, high, step = domain.low, domain.high, domain.step
        if domain.is_whole:
            return trial.suggest_int(key, int(low), int(high), step=int(step or 1), log=domain.log)
        return trial.suggest_float(key, low, high, step=step, log=domain.log)

    return suggest


@contextmanager
def _quiet():
    """Keep Optuna from logging every trial; the observers tell of them."""
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        yield
    finally:
        optuna.logging.set_verbosity(before)
