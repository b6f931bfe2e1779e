"""The evaluation of many candidates, several at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from itertools import islice
from typing import Any

from joblib import Parallel, delayed, effective_n_jobs, parallel_config

from pipelines.search.evaluation import Candidate, Evaluation
from pipelines.search.observer import EpochWriter, SearchObserver, tell

__all__ = ["Recall", "evaluate_all"]

Recall = Callable[[Sequence[str]], Mapping[str, Evaluation]]
"""Gives, for some fingerprints, the evaluations that are known already, by fingerprint."""


def evaluate_all(
    candidates: Sequence[Candidate],
    call: Callable[..., Evaluation],
    *data: Any,
    n_jobs: int | None = None,
    observers: Sequence[SearchObserver] = (),
    recall: Recall | None = None,
) -> list[Evaluation]:
    """Evaluate candidates with joblib, telling the observers of each as it begins and ends.

    Where a worker dies (killed by a person, or by the system for want of memory), those that
    were being evaluated are tried once more, each alone; what dies again has failed, and the
    rest goes on.

    Parameters
    ----------
    candidates : sequence of Candidate
    call : callable
        Evaluates one, given the candidate and the data; goes to the workers by pickle.
    *data
        What else ``call`` is given, such as X and y. A backend that can sends it to each worker
        only once.
    n_jobs : int, default=None
        Candidates at once, as in joblib. Backends are chosen by ``joblib.parallel_config``.
    observers : sequence of SearchObserver
    recall : callable, default=None
        Asked for the candidates that have a fingerprint, which are then not evaluated again.

    Returns
    -------
    list of Evaluation
        In the order of the candidates.
    """
    evaluations: dict[int, Evaluation] = {}

    def finish(evaluation: Evaluation) -> None:
        evaluations[evaluation.candidate.number] = evaluation
        tell(observers, "on_candidate_end", evaluation)

    known = recall([c.fingerprint for c in candidates if c.fingerprint]) if recall else {}
    for candidate in candidates:
        if candidate.fingerprint and candidate.fingerprint in known:
            evaluation = known[candidate.fingerprint].of(candidate)
            evaluations[candidate.number] = evaluation
            tell(observers, "on_candidate_resumed", evaluation)

    begun: set[int] = set()
    while waiting := [c for c in candidates if c.number not in evaluations]:
        for suspect in [c for c in waiting if c.number in begun]:
            finish(_alone(suspect, call, data))
        waiting = [c for c in waiting if c.number not in begun]
        try:
            for evaluation in _evaluated(waiting, call, data, n_jobs, observers, begun):
                finish(evaluation)
        except BrokenProcessPool:
            continue
    return [evaluations[candidate.number] for candidate in candidates]


def _evaluated(
    candidates: Sequence[Candidate],
    call: Callable[..., Evaluation],
    data: Sequence[Any],
    n_jobs: int | None,
    observers: Sequence[SearchObserver],
    begun: set[int],
) -> Iterator[Evaluation]:
    """Yield evaluations as they come, noting which candidates have begun."""
    # joblib draws candidates before there is a worker for them, so it cannot tell who begins.
    queue = iter(candidates)

    def begin(some: Iterable[Candidate]) -> None:
        for candidate in some:
            begun.add(candidate.number)
            tell(observers, "on_candidate_begin", candidate)

    workers = Parallel(
        n_jobs=n_jobs, return_as="generator_unordered", pre_dispatch="n_jobs", batch_size=1
    )
    begin(islice(queue, effective_n_jobs(n_jobs)))
    for evaluation in workers(
        delayed(_at_one_go)(_writing_epochs(call, candidate, observers), candidate, *data)
        for candidate in candidates
    ):
        yield evaluation
        begin(islice(queue, 1))


def _writing_epochs(
    call: Callable[..., Evaluation], candidate: Candidate, observers: Sequence[SearchObserver]
) -> Callable[..., Evaluation]:
    asked = [observer.epoch_writer(candidate) for observer in observers]
    writers = [writer for writer in asked if writer is not None]
    return partial(call, on_epoch=partial(_write_epoch, writers)) if writers else call


def _write_epoch(writers: Sequence[EpochWriter], epoch: int, logs: Mapping[str, float]) -> bool:
    for write in writers:
        write(epoch, logs)
    return False  # goes on


def _alone(
    candidate: Candidate, call: Callable[..., Evaluation], data: Sequence[Any]
) -> Evaluation:
    try:
        # Of one job joblib would make a call in this process.
        (evaluation,) = Parallel(n_jobs=2)([delayed(_at_one_go)(call, candidate, *data)])
    except BrokenProcessPool as error:
        return Evaluation.failed(candidate, f"its worker died twice: {error}")
    return evaluation


def _at_one_go(call: Callable[..., Evaluation], candidate: Candidate, *data: Any) -> Evaluation:
    """Evaluate where this is called: what joblib is used for inside stays in this process.

    Dask's backend would hand it on to all workers, and evaluate others meanwhile.
    """
    with parallel_config(backend="threading", n_jobs=1):
        return call(candidate, *data)
