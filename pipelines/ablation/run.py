"""Running an ablation study, seed by seed."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from joblib import effective_n_jobs

from pipelines.ablation.plan import AblationPlan, plan_ablation
from pipelines.ablation.result import Ablation
from pipelines.data import Dataset
from pipelines.errors import InputError
from pipelines.preset import load_preset
from pipelines.search import (
    Candidate,
    Evaluation,
    FindEvaluations,
    SearchObserver,
    evaluate,
    evaluate_all,
    fingerprinted,
    make_splitter,
)
from pipelines.search.observer import notify

__all__ = ["explain_techniques", "run_ablation"]

# Plain and best, whose times tell what all networks will take.
_N_ENDS = 2


def run_ablation(
    plan: AblationPlan,
    *,
    n_jobs: int | None = None,
    timeout: float | None = None,
    observers: Sequence[SearchObserver] = (),
    resume: FindEvaluations | None = None,
    on_estimate: Callable[[float], None] = lambda seconds: None,
) -> Ablation:
    """Train what was planned: all networks with the first seed, then all with the next.

    Parameters
    ----------
    plan : AblationPlan
    n_jobs : int, default=None
        Networks at once, as in joblib. Those that share the machine have no times worth comparing.
    timeout : float, default=None
        Seconds after which no further seed is begun; the first one is trained in any case.
    observers : sequence of SearchObserver, default=()
        Told of each network with a seed as of a candidate, and of each network as of a group.
    resume : callable, default=None
        Gives evaluations that are known already; see :func:`pipelines.search.evaluate_all`.
    on_estimate : callable, default=None
        Called with the seconds that all may take, once plain and best are known.

    Returns
    -------
    Ablation
    """
    X, y = plan.rows
    candidates = {seed: _fingerprinted(plan, seed, X, y) for seed in plan.seeds}
    fingerprints = [
        one.fingerprint for each in candidates.values() for one in each if one.fingerprint
    ]
    known = resume(fingerprints) if resume else {}
    evaluations: dict[int, Evaluation] = {}
    began = time.monotonic()

    def train(some: Sequence[Candidate], seed: int) -> list[Evaluation]:
        found = evaluate_all(
            some,
            partial(evaluate, pipeline=plan.pipeline, **_how(plan, seed)),
            X,
            y,
            n_jobs=n_jobs,
            observers=observers,
            resume=lambda fingerprints: known,
        )
        evaluations.update((one.candidate.number, one) for one in found)
        return found

    notify(observers, "on_search_begin", len(plan.networks) * len(plan.seeds), plan.n_folds)
    for group in plan.groups:
        notify(observers, "on_group_begin", group)
    done: list[int] = []
    try:
        for seed in plan.seeds:
            if done and timeout is not None and time.monotonic() - began > timeout:
                break
            rest = candidates[seed]
            if seed == plan.seeds[0]:
                ends = train(rest[:_N_ENDS], seed)
                on_estimate(_estimate(plan, ends, known, n_jobs))
                rest = rest[_N_ENDS:]
            train(rest, seed)
            done.append(seed)
        for group in plan.groups:
            members = [evaluations[number] for number in group.members if number in evaluations]
            notify(observers, "on_group_end", group, members)
    finally:
        notify(observers, "on_search_end")
    return Ablation.of(replace(plan, seeds=tuple(done)), evaluations)


def explain_techniques(
    dataset: Dataset,
    best: str | Mapping[str, Any] = "fast",
    *,
    seeds: int = 3,
    n_splits: int = 5,
    splitter: str = "auto",
    test_size: float = 0.2,
    metrics: Sequence[str] = (),
    random_state: int = 0,
    together: Sequence[Sequence[str]] = (),
    **how: Any,
) -> Ablation:
    """Say what each technique is worth on a data set, from a plain network to a better one.

    Each technique in which the two differ is added to the plain one alone, left out of the better
    one alone, and added on a path from one to the other, with several seeds and folds.

    Parameters
    ----------
    dataset : Dataset
    best : str or mapping of str to object, default="fast"
        Name of a preset, or hyperparameters by name, such as the ``best_params_`` of a search.
    seeds : int, default=3
        Each draws folds of its own.
    n_splits : int, default=5
        Folds a seed.
    splitter : str, default="auto"
        See :func:`pipelines.search.make_splitter`.
    test_size : float, default=0.2
        Share of the rows that is held out.
    metrics : sequence of str, default=()
        scikit-learn scorers, the first of which judges; empty for those of the task.
    random_state : int, default=0
        The first seed, and that of the rows held out.
    together : sequence of sequence of str, default=()
        Names of techniques that count as one, such as ``[("parametrization", "optimizer")]``.
    **how
        As for :func:`run_ablation`: ``n_jobs``, ``timeout``, ``observers``, ``resume`` and
        ``on_estimate``.

    Returns
    -------
    Ablation

    Raises
    ------
    InputError
        For what is impossible, before anything is trained.

    Examples
    --------
    >>> from pipelines import load_dataset
    >>> iris = load_dataset("iris")
    >>> found = explain_techniques(iris, {"activation": "selu", "epochs": 2}, seeds=1, n_splits=2)
    >>> [worth.change.name for worth in found.worths]
    ['activation', 'minibatches']
    """
    if seeds < 1:
        raise InputError(f"seeds must be 1 or more, but it is {seeds}.")
    development, test = dataset.split(test_size, random_state=random_state)
    values: Mapping[str, Any] = (
        load_preset(best, development).hyperparameters if isinstance(best, str) else best
    )
    plan = plan_ablation(
        development,
        test,
        values,
        name=best if isinstance(best, str) else "best",
        splitter=lambda seed: make_splitter(
            development, splitter, n_splits=n_splits, random_state=seed
        ),
        seeds=range(random_state, random_state + seeds),
        metrics=metrics,
        together=together,
    )
    return run_ablation(plan, **how)


def _how(plan: AblationPlan, seed: int) -> dict[str, Any]:
    return {
        "splits": plan.splits[seed],
        "metrics": plan.metrics,
        "held_out": plan.held_out,
    }


def _fingerprinted(plan: AblationPlan, seed: int, X: Any, y: Any) -> list[Candidate]:
    return fingerprinted(plan.candidates[seed], plan.pipeline, X, y, **_how(plan, seed))


def _estimate(
    plan: AblationPlan,
    ends: Sequence[Evaluation],
    known: Mapping[str, Evaluation],
    n_jobs: int | None,
) -> float:
    """Seconds that are left, if networks take what the mean of plain and best took."""
    n_left = len(plan.networks) * len(plan.seeds) - max(len(known), _N_ENDS)
    seconds = sum(one.ended_at - one.started_at for one in ends) / len(ends)
    return max(n_left, 0) * seconds / effective_n_jobs(n_jobs)
