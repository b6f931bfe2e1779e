"""Published figures beside ours."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from pipelines.techniques.result import LineResult, StudyResult
from pipelines.techniques.statistics import Interval, mean_interval, prediction_interval
from pipelines.techniques.table import Published, Row, Variant

__all__ = ["Agreement", "agreement_of", "matching_variant"]

Column = Literal["train", "validation"]


@dataclass(frozen=True)
class Agreement:
    """One published figure and the runs that should give it.

    Attributes
    ----------
    kind : {"reproduced", "within the spread", "off"}
        "reproduced": inside the confidence interval of our mean, or within the measure's
        tolerance of it. "within the spread": not so, but inside the interval that holds one
        further run in 95 % of cases, and the published figure is of one run.
    published : float
    ours, one_run : Interval
        Our mean with its confidence interval, and with that of one further run.
    off : float
        Published minus our mean.
    """

    kind: Literal["reproduced", "within the spread", "off"]
    published: float
    ours: Interval
    one_run: Interval
    off: float


def agreement_of(result: LineResult, published: Published, column: Column) -> Agreement | None:
    """Compare a published figure with a line; None where no seed was trained to the end.

    The training metric is compared as Keras prints it, over the last epoch.
    """
    values = result.values("train_last_epoch" if column == "train" else "validation")
    figure = getattr(published, column)
    ours, one_run = mean_interval(values), prediction_interval(values)
    if math.isnan(ours.mean):
        return None
    off = figure - ours.mean
    kind: Literal["reproduced", "within the spread", "off"] = "off"
    if ours.holds(figure) or abs(off) <= result.measure.tolerance:
        kind = "reproduced"
    elif one_run.holds(figure):
        kind = "within the spread"
    return Agreement(kind, figure, ours, one_run, off)


def matching_variant(study: StudyResult, row: Row) -> Variant | Literal["both", "neither"] | None:
    """Say which of a row's variants its published figures match: both of them, train and validation.

    Parameters
    ----------
    study : StudyResult
    row : Row

    Returns
    -------
    {"as described", "as run", "both", "neither"} or None
        None where the variants are the same, were not both run, or nothing is published.
    """
    described, as_run = study.line(row.name, "as described"), study.line(row.name, "as run")
    if not row.differs or row.published is None or described is None or as_run is None:
        return None
    matches = [_matches(result, row.published) for result in (described, as_run)]
    if all(matches):
        return "both"
    if not any(matches):
        return "neither"
    return "as described" if matches[0] else "as run"


def _matches(result: LineResult, published: Published) -> bool:
    columns: tuple[Column, ...] = ("train", "validation")
    agreements = [agreement_of(result, published, column) for column in columns]
    return all(one is not None and one.kind != "off" for one in agreements)
