"""The execution of a plan: its units evaluated, and put together by line."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from pipelines.data import Dataset
from pipelines.pipeline import make_pipeline
from pipelines.search import (
    FindEvaluations,
    SearchObserver,
    evaluate,
    evaluate_all,
    fingerprinted,
)
from pipelines.search.observer import notify
from pipelines.techniques.lines import LineObserver
from pipelines.techniques.measure import Measure, measure_for
from pipelines.techniques.plan import Plan
from pipelines.techniques.result import LineResult
from pipelines.techniques.splits import Rows, usual_rows

__all__ = ["Executed", "run_plan"]


class Executed(NamedTuple):
    """What came of a plan.

    Attributes
    ----------
    lines : tuple of LineResult
        In the order of the plan's lines.
    measure : Measure
    usual : ndarray
        Positions of the validation rows that are not far outside; see
        :func:`pipelines.techniques.usual_rows`.
    n_far : int
        How many validation rows are.
    """

    lines: tuple[LineResult, ...]
    measure: Measure
    usual: np.ndarray
    n_far: int


def run_plan(
    plan: Plan,
    dataset: Dataset,
    rows: Rows,
    *,
    layers: bool = False,
    n_jobs: int | None = None,
    line_observers: Sequence[SearchObserver] = (),
    observers: Sequence[SearchObserver] = (),
    resume: FindEvaluations | None = None,
) -> Executed:
    """Evaluate all units of a plan.

    Parameters
    ----------
    plan : Plan
    dataset : Dataset
    rows : Rows
    layers : bool, default=False
        Whether to look at what the hidden layers give out.
    n_jobs : int, default=None
        Units at once.
    line_observers, observers : sequence of SearchObserver
        Told of lines with their units, and of units alone.
    resume : callable, default=None
        Gives units that are known already.

    Returns
    -------
    Executed
    """
    measure = measure_for(dataset, target_deviation=_target_deviation(plan, dataset, rows))
    usual = usual_rows(dataset, rows)
    n_far = len(rows.validation) - len(usual)
    held_out = {"test": rows.test, **({"usual": usual} if n_far else {})}
    how: dict[str, Any] = {
        "splits": [(rows.train, rows.validation)],
        "metrics": (measure.scorer,),
        "held_out": held_out,
        "layers": layers,
    }
    pipeline = make_pipeline(dataset)
    notify(observers, "on_search_begin", len(plan.units), 1)
    try:
        evaluations = evaluate_all(
            fingerprinted(plan.units, pipeline, dataset.X, dataset.y, **how),
            partial(evaluate, pipeline=pipeline, **how),
            dataset.X,
            dataset.y,
            n_jobs=n_jobs,
            observers=[
                *(LineObserver(observer, plan, measure) for observer in line_observers),
                *observers,
            ],
            resume=resume,
        )
    finally:
        notify(observers, "on_search_end")
    by_number = {one.candidate.number: one for one in evaluations}
    lines = tuple(
        LineResult(line, measure, tuple(by_number[number] for number in numbers))
        for line, numbers in zip(plan.lines, plan.unit_numbers, strict=True)
    )
    return Executed(lines, measure, usual, n_far)


def _target_deviation(plan: Plan, dataset: Dataset, rows: Rows) -> float | None:
    """Standard deviation of the target on the training rows, where the plan standardizes it."""
    if not plan.lines[0].hyperparameters.get("standardize_target"):
        return None
    return float(dataset.y.iloc[rows.train].std(ddof=0))
