"""The evaluation of many candidates, several at once."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from typing import Any, TypeAlias

from joblib import Parallel, cpu_count, delayed, effective_n_jobs, parallel_config

from pipelines.search.compiling import one_ahead
from pipelines.search.evaluation import Candidate, Evaluation
from pipelines.search.group import Group
from pipelines.search.observer import GroupProgress, SearchObserver, epoch_writers, notify

__all__ = ["FindEvaluations", "evaluate_all", "limit_n_jobs"]

FindEvaluations: TypeAlias = Callable[[Sequence[str]], Mapping[str, Evaluation]]
"""Returns, for some fingerprints, the evaluations that exist already, by fingerprint."""


def evaluate_all(
    candidates: Sequence[Candidate],
    evaluate: Callable[..., Evaluation],
    *data: Any,
    n_jobs: int | None = None,
    observers: Sequence[SearchObserver] = (),
    groups: Sequence[Group] = (),
    resume: FindEvaluations | None = None,
    compile_candidate: Callable[..., None] | None = None,
) -> list[Evaluation]:
    """Evaluate candidates with joblib, notifying the observers as each begins and ends.

    Where a worker dies (killed by a user, or by the system for want of memory), the candidates
    that were being evaluated are tried once more, each alone; one whose worker dies again has
    failed, and the rest goes on.

    Parameters
    ----------
    candidates : sequence of Candidate
    evaluate : callable
        Evaluates one, given the candidate, the data, and ``epoch_writers`` by keyword where an
        observer has some; goes to the workers by pickle.
    *data
        Further arguments of ``evaluate``, such as X and y. A backend that can sends them to each
        worker only once.
    n_jobs : int, default=None
        Candidates at once, as in joblib, but see :func:`limit_n_jobs`. Backends are chosen by
        ``joblib.parallel_config``.
    observers : sequence of SearchObserver
    groups : sequence of Group, default=()
        Of the candidates, of which the observers are notified too.
    resume : callable, default=None
        Called with the fingerprints of the candidates; those for which it has an evaluation are
        not evaluated again.
    compile_candidate : callable, default=None
        Called with a candidate and the data before the candidate in front of it is evaluated,
        where one is evaluated after the other, so that cores are idle; see
        :func:`pipelines.search.compiling.compile_candidate`.

    Returns
    -------
    list of Evaluation
        In the order of the candidates.
    """
    evaluations: dict[int, Evaluation] = {}
    progress = GroupProgress(groups, observers)
    begun: set[int] = set()

    def begin(candidate: Candidate) -> None:
        begun.add(candidate.number)
        progress.begin(candidate)
        notify(observers, "on_candidate_begin", candidate)

    def finish(evaluation: Evaluation, hook: str = "on_candidate_end") -> None:
        evaluations[evaluation.candidate.number] = evaluation
        notify(observers, hook, evaluation)
        progress.end(evaluation)

    known = resume([c.fingerprint for c in candidates if c.fingerprint]) if resume else {}
    for candidate in candidates:
        if candidate.fingerprint and candidate.fingerprint in known:
            progress.begin(candidate)
            finish(known[candidate.fingerprint].of(candidate), "on_candidate_resumed")

    while waiting := [c for c in candidates if c.number not in evaluations]:
        for suspect in [c for c in waiting if c.number in begun]:
            finish(_evaluate_alone(suspect, evaluate, data, observers))
        waiting = [c for c in waiting if c.number not in begun]
        n_workers = limit_n_jobs(n_jobs, len(waiting))
        queue = iter(waiting)
        if compile_candidate is not None and effective_n_jobs(n_workers) == 1:
            queue = one_ahead(waiting, lambda candidate: compile_candidate(candidate, *data))
        calls = [_call(evaluate, candidate, data, observers) for candidate in waiting]
        try:
            for evaluation in _evaluations(calls, queue, n_workers, begin):
                finish(evaluation)
        except BrokenProcessPool:
            continue
    return [evaluations[candidate.number] for candidate in candidates]


def limit_n_jobs(n_jobs: int | None, n_candidates: int) -> int:
    """Limit what joblib is asked for to the number of candidates, and to the cores of the machine.

    Two workers remain two, even for one candidate: it runs in a process that may die.

    Warns
    -----
    UserWarning
        Where there are fewer cores.

    Examples
    --------
    >>> limit_n_jobs(1, 8), limit_n_jobs(2, 1)
    (1, 2)
    """
    n_workers = effective_n_jobs(n_jobs)
    limit = max(2, n_candidates)
    n_cores = max(2, cpu_count())
    if n_workers == n_jobs and min(n_workers, limit) > n_cores:  # a cluster has cores of its own
        warnings.warn(
            f"n_jobs={n_jobs} is more than this machine has cores; {n_cores} configurations are "
            "evaluated at once.",
            UserWarning,
            stacklevel=2,
        )
        limit = n_cores
    return min(n_workers, limit)


def _evaluations(
    calls: Sequence[Any],
    queue: Iterator[Candidate],
    n_jobs: int,
    begin: Callable[[Candidate], None],
) -> Iterator[Evaluation]:
    """Yield evaluations as they come, saying which candidates of the queue begin."""
    # joblib takes calls before there is a worker for them, which says nothing of what begins.

    def begin_all(some: Iterable[Candidate]) -> None:
        for candidate in some:
            begin(candidate)

    workers = Parallel(
        n_jobs=n_jobs, return_as="generator_unordered", pre_dispatch="n_jobs", batch_size=1
    )
    # The calls are all there: joblib takes them one by one, in a thread of its own.
    begin_all(islice(queue, effective_n_jobs(n_jobs)))
    for evaluation in workers(calls):
        yield evaluation
        begin_all(islice(queue, 1))


def _evaluate_alone(
    candidate: Candidate,
    evaluate: Callable[..., Evaluation],
    data: Sequence[Any],
    observers: Sequence[SearchObserver],
) -> Evaluation:
    try:
        # With one job joblib would make the call in this process.
        (evaluation,) = Parallel(n_jobs=2)([_call(evaluate, candidate, data, observers)])
    except BrokenProcessPool as error:
        return Evaluation.failed(candidate, f"its worker died twice: {error}")
    return evaluation


def _call(
    evaluate: Callable[..., Evaluation],
    candidate: Candidate,
    data: Sequence[Any],
    observers: Sequence[SearchObserver],
) -> Any:
    """A call as joblib takes it."""
    writers = epoch_writers(observers, candidate)
    how = {"epoch_writers": writers} if writers else {}
    return delayed(_evaluate_here)(evaluate, candidate, *data, **how)


def _evaluate_here(
    evaluate: Callable[..., Evaluation], candidate: Candidate, *data: Any, **how: Any
) -> Evaluation:
    """Evaluate in the worker that this is called in, parallel parts included.

    Dask's backend would hand them on to all workers, and evaluate others meanwhile.
    """
    with parallel_config(backend="threading", n_jobs=1):
        return evaluate(candidate, *data, **how)
