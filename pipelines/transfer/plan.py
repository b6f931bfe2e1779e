"""What is trained: a network for each number of rows, seed and arm, on nested rows of the target."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline

from estimators import RuleWarning
from estimators.source_network import SourceNetwork, source_of
from pipelines.data import Dataset
from pipelines.errors import InputError, check_choice
from pipelines.pipeline import hyperparameter_paths, make_pipeline, shortest_names
from pipelines.search import (
    Candidate,
    FindEvaluations,
    SearchObserver,
    evaluate,
    evaluate_all,
    fingerprinted,
)
from pipelines.search.observer import notify
from pipelines.study.arm import Arm
from pipelines.study.metric import Metric, metric_for
from pipelines.study.result import ArmResult
from pipelines.transfer.arms import ARMS, SCRATCH, TransferArm
from pipelines.transfer.design import EPOCHS, SHARES
from pipelines.transfer.preprocessing import PREPROCESSINGS, choose_preprocessing
from pipelines.transfer.result import SizeResult, TransferResult
from pipelines.transfer.rows import numbered_split, numbers_of_rows, random_order

__all__ = ["TransferPlan", "plan_transfer", "run_transfer"]

# Fewer rows get more epochs, so that all networks make as many steps, but not beyond this.
_MOST_EPOCHS = 10
# Of the source: not what it was trained for, but how it was run.
_OWN = (
    *("init_from", "init_layers", "frozen_layers", "unfreeze_at", "layer_learning_rates"),
    *("random_state", "epochs", "warm_start", "callbacks", "verbose", "engine", "early_stopping"),
    *("validation_fraction", "patience", "min_delta", "calibration", "class_weight"),
    *("n_steps", "return_sequences"),
)


@dataclass(frozen=True)
class _Run:
    """A network to train: its place in the comparison, and its rows."""

    candidate: Candidate
    arm: str
    n_rows: int
    seed: int
    rows: np.ndarray


@dataclass(frozen=True)
class TransferPlan:
    """What is to be trained, and on which rows.

    Attributes
    ----------
    target : Dataset
    source : sklearn.pipeline.Pipeline
        Fitted.
    source_name : str
        For people.
    pipeline : sklearn.pipeline.Pipeline
        What the candidates set parameters of.
    metric : Metric
    arms : tuple of TransferArm
        The first one is scratch.
    epochs : mapping of int to int
        By number of rows, from few to many.
    seeds : tuple of int
    test_rows : ndarray of int
        Positions of the rows that all are scored on.
    preprocessing : str
        Where that of the reused networks comes from, in a sentence.
    runs : tuple
        What is trained, in order.
    transferred : tuple of mapping
        What the networks take; see ``transferred_`` of the estimators.
    """

    target: Dataset
    source: Pipeline
    source_name: str
    pipeline: Pipeline
    metric: Metric
    arms: tuple[TransferArm, ...]
    epochs: Mapping[int, int]
    seeds: tuple[int, ...]
    test_rows: np.ndarray
    preprocessing: str
    runs: tuple[_Run, ...] = ()
    transferred: tuple[Mapping[str, Any], ...] = ()

    @property
    def n_runs(self) -> int:
        """How many networks are to be trained."""
        return len(self.runs)


def plan_transfer(
    target: Dataset,
    source: Pipeline,
    *,
    source_name: str = "",
    init_from: Any = None,
    arms: Sequence[str] = (),
    shares: Sequence[float] = SHARES,
    repeats: int = 5,
    epochs: int = EPOCHS,
    preprocessing: str = "auto",
    test_size: float = 0.2,
    random_state: int = 0,
) -> TransferPlan:
    """Plan a comparison of a reused network with new ones.

    Networks have the source's hyperparameters, and are trained on the first rows of an order of the
    target's that is another one for each seed, with every class among the first ones; the same rows
    for all arms. All are scored on the same rows, which are held out.

    Parameters
    ----------
    target : Dataset
    source : sklearn.pipeline.Pipeline
        Fitted; its last step is an estimator of :mod:`estimators`.
    source_name : str, default=""
        For people.
    init_from : object, default=None
        What the networks are given as ``init_from``, such as the source's address; None for the
        source itself.
    arms : sequence of str, default=()
        Names of :data:`ARMS`, to which scratch is added; empty for all.
    shares : sequence of float
        Of the target's training rows.
    repeats : int, default=5
        Seeds, from ``random_state`` on.
    epochs : int, default=20
        At the largest share; smaller ones get as many steps, in at most ten times the epochs.
    preprocessing : {"auto", "source", "new"}, default="auto"
        Whether reused networks get the source's preprocessing, as it was fitted there, or one that
        is fitted anew on their rows; see :func:`choose_preprocessing`.
    test_size : float, default=0.2
    random_state : int, default=0

    Returns
    -------
    TransferPlan

    Raises
    ------
    InputError
        For unknown arms, impossible numbers, or a source that is none.
    """
    for name in arms:
        check_choice("arm", name, ARMS)
    check_choice("preprocessing", preprocessing, PREPROCESSINGS)
    if not shares or not all(0 < share <= 1 for share in shares):
        raise InputError(
            f"shares must lie above 0 and be at most 1, but they are {list(shares)}; give for "
            "example 0.01,0.1,1."
        )
    for name, value in (("repeats", repeats), ("epochs", epochs)):
        if value < 1:
            raise InputError(f"{name} must be 1 or more, but it is {value}.")
    try:
        network = source_of(source)
    except ValueError as error:
        raise InputError(str(error)) from error
    _check_kind(target, network)
    target, pool, test_rows = numbered_split(target, test_size, random_state)
    sizes = numbers_of_rows(target, len(pool), shares)
    chosen = choose_preprocessing(preprocessing, source, target, pool)
    pipeline = make_pipeline(target, preset="plain")
    if target.kind != "image":  # so that columns and channels are matched by name
        pipeline[:-1].set_output(transform="pandas")
    kept = [SCRATCH, *(ARMS[name] for name in arms or ARMS if name != SCRATCH.name)]
    plan = TransferPlan(
        target=target,
        source=source,
        source_name=source_name or network.address,
        pipeline=pipeline,
        metric=metric_for(target),
        arms=tuple(kept),
        epochs={n: min(_MOST_EPOCHS * epochs, math.ceil(epochs * sizes[-1] / n)) for n in sizes},
        seeds=tuple(range(random_state, random_state + repeats)),
        test_rows=test_rows,
        preprocessing=chosen.sentence,
    )
    reused: dict[str, Any] = {"init_from": source if init_from is None else init_from}
    shown = {"init_from": plan.source_name}
    if chosen.taken:
        reused["preprocessing"] = FrozenEstimator(source[:-1])
        shown["preprocessing"] = "the source's"
    plan = replace(plan, runs=_runs(plan, pool, reused, shown))
    return replace(plan, transferred=tuple(_transferred(plan)))


def _check_kind(target: Dataset, network: SourceNetwork) -> None:
    """Recurrent networks are reused for sequences, and others for all else."""
    is_recurrent = "return_sequences" in network.estimator.get_params(deep=False)
    if is_recurrent == (target.kind == "sequence"):
        return
    source = "recurrent network" if is_recurrent else "network of rows without steps"
    other = "sequences" if is_recurrent else "tables or images"
    what = "sequences" if target.kind == "sequence" else f"a data set of the kind {target.kind!r}"
    raise InputError(
        f"The source is a {source}, but {target.name} is {what}; choose {other}, or another source."
    )


def _runs(
    plan: TransferPlan, pool: np.ndarray, reused: Mapping[str, Any], shown: Mapping[str, Any]
) -> tuple[_Run, ...]:
    """Lay out the runs: of all sizes and arms with one seed, then with the next."""
    paths = hyperparameter_paths(plan.pipeline)
    common = _hyperparameters_of(plan.source, plan.pipeline)
    n_layers = int(np.size(plan.source[-1].hidden_layer_sizes))
    runs: list[_Run] = []
    for turn, seed in enumerate(plan.seeds):
        order = random_order(plan.target, pool, seed)
        for n_rows, epochs in plan.epochs.items():
            start = turn % len(plan.arms)
            for arm in (*plan.arms[start:], *plan.arms[:start]):
                own = {**arm.hyperparameters(n_layers, epochs), "epochs": epochs}
                told = {**common, **own, "random_state": seed}
                params = {paths[name]: value for name, value in told.items()}
                if arm.is_reused:
                    params |= {paths[name]: value for name, value in reused.items()}
                candidate = Candidate(
                    number=len(runs),
                    params=params,
                    hyperparameters={
                        "arm": arm.name,
                        "n_rows": n_rows,
                        **told,
                        **(shown if arm.is_reused else {}),
                    },
                    name=f"{arm.name}, {n_rows:,} rows, seed {seed}",
                )
                runs.append(_Run(candidate, arm.name, n_rows, seed, order[:n_rows]))
    return tuple(runs)


def _hyperparameters_of(source: Pipeline, pipeline: Pipeline) -> dict[str, Any]:
    """The source's hyperparameters by short name, where they are not the plain pipeline's."""
    theirs = source.get_params(deep=True)
    paths = hyperparameter_paths(source)
    names = shortest_names(paths)
    defaults = pipeline.get_params(deep=True)
    own_names = shortest_names(hyperparameter_paths(pipeline))
    plain = {name: defaults[path] for path, name in own_names.items()}
    last = source.steps[-1][0]
    known = {
        name: theirs[path]
        for path, name in names.items()
        if (path.startswith(f"{last}__") and path.count("__") == 1) or name == "scaling"
    }
    return {
        name: value
        for name, value in known.items()
        if name in plain and name not in _OWN and not _equal(value, plain[name])
    }


def _equal(value: Any, other: Any) -> bool:
    return value is other or (type(value) is type(other) and bool(np.all(value == other)))


def run_transfer(
    plan: TransferPlan,
    *,
    n_jobs: int | None = None,
    observers: Sequence[SearchObserver] = (),
    resume: FindEvaluations | None = None,
) -> TransferResult:
    """Train what was planned; for observers it is one search.

    Parameters
    ----------
    plan : TransferPlan
    n_jobs : int, default=None
        Networks at once, as in joblib.
    observers : sequence of SearchObserver, default=()
    resume : callable, default=None
        Gives what was evaluated before; see :func:`pipelines.search.evaluate_all`.

    Returns
    -------
    TransferResult
    """
    X, y = plan.target.X, plan.target.y
    known: dict[int, Any] = {}
    notify(observers, "on_search_begin", plan.n_runs, 1)
    try:
        for runs in _of_same_rows(plan.runs):
            how: dict[str, Any] = {
                "splits": [(runs[0].rows, plan.test_rows)],
                "metrics": (plan.metric.scorer,),
            }
            candidates = [run.candidate for run in runs]
            evaluations = evaluate_all(
                fingerprinted(candidates, plan.pipeline, X, y, **how),
                partial(evaluate, pipeline=plan.pipeline, **how),
                X,
                y,
                n_jobs=n_jobs,
                observers=observers,
                resume=resume,
            )
            known |= {one.candidate.number: one for one in evaluations}
    finally:
        notify(observers, "on_search_end")
    return _result(plan, known, n_jobs)


def _of_same_rows(runs: Sequence[_Run]) -> list[list[_Run]]:
    groups: dict[tuple[int, int], list[_Run]] = {}
    for run in runs:
        groups.setdefault((run.seed, run.n_rows), []).append(run)
    return [*groups.values()]


def _transferred(plan: TransferPlan) -> list[dict[str, Any]]:
    """What the networks take, as one of them finds it before its training."""
    run = next(run for run in plan.runs if ARMS[run.arm].is_reused)
    pipeline = clone(plan.pipeline).set_params(**run.candidate.params)
    X, y = plan.target.X.iloc[run.rows], plan.target.y.iloc[run.rows]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuleWarning)  # which each run says itself
        model = pipeline[-1].initialize(pipeline[:-1].fit_transform(X, y), y)
    taken: list[dict[str, Any]] = model.transferred_
    if not any(record["taken"] for record in taken):
        reasons = "; ".join(dict.fromkeys(record["how"] for record in taken))
        raise InputError(
            f"Nothing of the source's network suits {plan.target.name}: {reasons}; choose another "
            "source."
        )
    return taken


def _result(plan: TransferPlan, known: Mapping[int, Any], n_jobs: int | None) -> TransferResult:
    arms = {arm.name: Arm(arm.name, arm.name, {}) for arm in plan.arms}
    sizes = tuple(
        SizeResult(
            n_rows,
            epochs,
            {
                name: ArmResult(
                    arm,
                    plan.metric,
                    tuple(
                        known[run.candidate.number]
                        for run in plan.runs
                        if (run.arm, run.n_rows) == (name, n_rows)
                    ),
                )
                for name, arm in arms.items()
            },
        )
        for n_rows, epochs in plan.epochs.items()
    )
    model = plan.source[-1]
    return TransferResult(
        target=plan.target.name,
        source=plan.source_name,
        metric=plan.metric,
        sizes=sizes,
        preprocessing=plan.preprocessing,
        transferred=plan.transferred,
        facts={
            "target": plan.target.name,
            "source": plan.source_name,
            "rows to train and score on": f"{max(plan.epochs):,} / {len(plan.test_rows):,}",
            "hidden layers": "-".join(map(str, np.atleast_1d(model.hidden_layer_sizes))),
            "epochs": ", ".join(f"{epochs} at {n:,} rows" for n, epochs in plan.epochs.items()),
            "seeds": f"{plan.seeds[0]} to {plan.seeds[-1]}, each with rows of its own",
            "fits at once": n_jobs or 1,
        },
    )
