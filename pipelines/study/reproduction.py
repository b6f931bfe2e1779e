"""The reproduction of published figures."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from pipelines.statistics import Interval, mean_interval, prediction_interval
from pipelines.study.arm import VARIANTS, Variant
from pipelines.study.design import Figures, Publication
from pipelines.study.result import ArmResult
from pipelines.study.study import StudyResult

__all__ = ["Reproduction", "matching_variant", "reproduction_of"]

Column = Literal["train", "validation"]


@dataclass(frozen=True)
class Reproduction:
    """One published figure and the runs that should give it.

    Attributes
    ----------
    kind : {"reproduced", "within the spread", "off"}
        "reproduced": within the metric's tolerance of our mean. "within the spread": not so, but
        inside the interval that holds one further run in 95 % of cases, and the published figure is
        of one run. That is the weaker word: the more our seeds vary, the more figures it fits.
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


def reproduction_of(result: ArmResult, figures: Figures, column: Column) -> Reproduction | None:
    """Compare a published figure with an arm; None where no seed was trained to the end.

    The training metric is compared as Keras prints it, over the last epoch.
    """
    values = result.values("train_last_epoch" if column == "train" else "validation")
    figure = getattr(figures, column)
    ours, one_run = mean_interval(values), prediction_interval(values)
    if math.isnan(ours.mean):
        return None
    off = figure - ours.mean
    kind: Literal["reproduced", "within the spread", "off"] = "off"
    if abs(off) <= result.metric.tolerance:
        kind = "reproduced"
    elif one_run.holds(figure):
        kind = "within the spread"
    return Reproduction(kind, figure, ours, one_run, off)


def matching_variant(
    study: StudyResult, publication: Publication
) -> Variant | Literal["both", "neither"] | None:
    """Say which variant of an arm its published figures match, training and validation.

    Parameters
    ----------
    study : StudyResult
    publication : Publication
        What was published of the arm.

    Returns
    -------
    {"as described", "as run", "both", "neither"} or None
        None where the variants are the same, or were not both run.
    """
    described, as_run = (study.arm(publication.arm, variant) for variant in VARIANTS)
    if described is None or as_run is None or described is as_run:
        return None
    matches = [_matches(result, publication.table) for result in (described, as_run)]
    if all(matches):
        return "both"
    if not any(matches):
        return "neither"
    return "as described" if matches[0] else "as run"


def _matches(result: ArmResult, figures: Figures) -> bool:
    columns: tuple[Column, ...] = ("train", "validation")
    found = [reproduction_of(result, figures, column) for column in columns]
    return all(one is not None and one.kind != "off" for one in found)
