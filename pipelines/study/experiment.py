"""An experiment: every arm run with every seed, on one split of a data set."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from pipelines.data import Dataset
from pipelines.pipeline import make_pipeline
from pipelines.search import (
    Candidate,
    FindEvaluations,
    Group,
    SearchObserver,
    evaluate,
    evaluate_all,
    fingerprinted,
)
from pipelines.search.hyperparameters import Hyperparameters
from pipelines.search.observer import notify
from pipelines.study.arm import Arm
from pipelines.study.design import Design
from pipelines.study.metric import Metric, metric_for
from pipelines.study.result import ArmResult
from pipelines.study.split import StudySplit, rows_in_range

__all__ = ["Experiment", "make_experiment", "run_experiments"]


@dataclass(frozen=True)
class Experiment:
    """What is to be run, and on which rows.

    Attributes
    ----------
    dataset : Dataset
    design : Design
    split : StudySplit
    in_range : ndarray
        Positions of the validation rows that are not far outside of the training rows.
    metric : Metric
    arms : tuple of Arm
        With all hyperparameters but the seed.
    seeds : tuple of int
    runs : tuple of Candidate
        One for each seed and distinct set of hyperparameters, in the order of execution.
    groups : tuple of Group
        Of each arm its runs, in the order of the seeds.
    activations : bool
        Whether statistics of the hidden activations are computed.
    """

    dataset: Dataset
    design: Design
    split: StudySplit
    in_range: np.ndarray
    metric: Metric
    arms: tuple[Arm, ...]
    seeds: tuple[int, ...]
    runs: tuple[Candidate, ...]
    groups: tuple[Group, ...]
    activations: bool = False

    @property
    def n_far(self) -> int:
        """How many validation rows are far outside."""
        return len(self.split.validation) - len(self.in_range)


def make_experiment(
    dataset: Dataset,
    design: Design,
    *,
    split: StudySplit,
    seeds: Sequence[int],
    overrides: Mapping[str, Any] | None = None,
    prefix: str = "",
    numbers: Iterator[int] | None = None,
    activations: bool = False,
) -> Experiment:
    """Plan an experiment.

    All arms are run with the first seed, then all with the next, and every seed begins with
    another arm: what slows the machine down for a while slows all arms alike, so that their times
    can be compared as ratios. Arms with the same hyperparameters share their runs.

    Parameters
    ----------
    dataset : Dataset
    design : Design
    split : StudySplit
    seeds : sequence of int
        They decide the initial weights, the order of the rows and what is random in the layers.
    overrides : mapping of str to object, default=None
        Hyperparameters of every arm, whatever it says itself.
    prefix : str, default=""
        Of the names of runs and groups.
    numbers : iterator of int, default=None
        Gives groups and runs their numbers, which are from 0 on by default.
    activations : bool, default=False

    Returns
    -------
    Experiment

    Raises
    ------
    InputError
        For a hyperparameter that the pipeline does not accept.
    """
    numbers = itertools.count() if numbers is None else numbers
    names = Hyperparameters(make_pipeline(dataset, preset="plain"))
    varied = sorted({name for arm in design.arms for name in arm.hyperparameters})
    common = {name: names.defaults[name] for name in varied} | dict(design.fixed)
    arms = tuple(
        replace(arm, hyperparameters={**common, **arm.hyperparameters, **(overrides or {})})
        for arm in design.arms
    )
    group_numbers = [next(numbers) for _ in arms]
    settings = [arm.hyperparameters for arm in arms]
    distinct = [place for place, own in enumerate(settings) if settings.index(own) == place]
    runs: list[Candidate] = []
    by_seed: dict[tuple[int, int], int] = {}
    for turn, seed in enumerate(seeds):
        start = turn % len(distinct)
        for place in (*distinct[start:], *distinct[:start]):
            own = {**settings[place], "random_state": seed}
            name = f"{prefix}{arms[place].label}, seed {seed}"
            by_seed[place, seed] = next(numbers)
            runs.append(Candidate(by_seed[place, seed], names.params(own), own, name))
    for run in runs[: len(distinct)]:
        names.check(run.params, source="The study")
    groups = tuple(
        Group(
            number=number,
            name=f"{prefix}{arm.label}",
            hyperparameters=arm.hyperparameters,
            members=tuple(by_seed[settings.index(arm.hyperparameters), seed] for seed in seeds),
        )
        for number, arm in zip(group_numbers, arms, strict=True)
    )
    deviation = None
    if arms[0].hyperparameters.get("standardize_target"):
        deviation = float(dataset.y.iloc[split.train].std(ddof=0))
    return Experiment(
        dataset=dataset,
        design=design,
        split=split,
        in_range=rows_in_range(dataset, split, far_deviations=design.far_deviations),
        metric=metric_for(
            dataset, unit=design.unit, tolerance=design.tolerance, target_deviation=deviation
        ),
        arms=arms,
        seeds=tuple(seeds),
        runs=tuple(runs),
        groups=groups,
        activations=activations,
    )


def run_experiments(
    experiments: Sequence[Experiment],
    *,
    n_jobs: int | None = None,
    observers: Sequence[SearchObserver] = (),
    resume: FindEvaluations | None = None,
) -> list[tuple[ArmResult, ...]]:
    """Run experiments one after the other; for observers they are one search.

    Parameters
    ----------
    experiments : sequence of Experiment
    n_jobs : int, default=None
        Runs at once, as in joblib. Those that share the machine have no times worth comparing.
    observers : sequence of SearchObserver, default=()
        Told of each run and, as of a group, of each arm.
    resume : callable, default=None
        Gives runs that are known already; see :func:`pipelines.search.evaluate_all`.

    Returns
    -------
    list of tuple of ArmResult
        By experiment, in the order of its arms.
    """
    notify(observers, "on_search_begin", sum(len(one.runs) for one in experiments), 1)
    try:
        return [_run(one, n_jobs, observers, resume) for one in experiments]
    finally:
        notify(observers, "on_search_end")


def _run(
    experiment: Experiment,
    n_jobs: int | None,
    observers: Sequence[SearchObserver],
    resume: FindEvaluations | None,
) -> tuple[ArmResult, ...]:
    dataset, split = experiment.dataset, experiment.split
    held_out = {"test": split.test}
    if experiment.n_far:
        held_out["in_range"] = experiment.in_range
    pipeline = make_pipeline(dataset, preset="plain")
    how: dict[str, Any] = {
        "splits": [(split.train, split.validation)],
        "metrics": (experiment.metric.scorer,),
        "held_out": held_out,
        "activations": experiment.activations,
    }
    evaluations = evaluate_all(
        fingerprinted(experiment.runs, pipeline, dataset.X, dataset.y, **how),
        partial(evaluate, pipeline=pipeline, **how),
        dataset.X,
        dataset.y,
        n_jobs=n_jobs,
        observers=observers,
        groups=experiment.groups,
        resume=resume,
    )
    by_number = {evaluation.candidate.number: evaluation for evaluation in evaluations}
    return tuple(
        ArmResult(arm, experiment.metric, tuple(by_number[number] for number in group.members))
        for arm, group in zip(experiment.arms, experiment.groups, strict=True)
    )
