"""The table of results, for programs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import get_args

import pandas as pd

from pipelines.statistics import Comparison, Interval
from pipelines.study import ArmResult, Quantity, StudyResult

__all__ = ["arm_measurements", "results_table"]


def results_table(study: StudyResult) -> pd.DataFrame:
    """Tabulate all arms with everything that was measured.

    Parameters
    ----------
    study : StudyResult

    Returns
    -------
    DataFrame
        A row an arm. Of each quantity "<quantity>", "<quantity>_low" and "<quantity>_high": mean
        over the seeds and 95 % interval; metrics as they are (an accuracy as a share). Then the
        comparison with the baseline, the published figures, and a column a hyperparameter.
    """
    quantities: tuple[Quantity, ...] = ("validation", "in_range", "test")
    compared = {quantity: study.compared_by(quantity) for quantity in quantities}
    return pd.DataFrame([_record(study, arm, compared) for arm in study.arms])


def _record(
    study: StudyResult, arm: ArmResult, compared: Mapping[Quantity, Mapping[str, Comparison]]
) -> dict[str, object]:
    published = {one.arm: one for one in study.design.publications}.get(arm.arm.name)
    record: dict[str, object] = {
        "row": arm.arm.name,
        "arm": arm.label,
        "variant": " and ".join(arm.arm.variants),
        "seeds": len(arm.runs),
        "failed": arm.n_failed,
        "reason": arm.reason or "",
    }
    record |= arm_measurements(study, arm)
    for quantity, comparisons in compared.items():
        comparison = comparisons.get(arm.label)
        difference = comparison.difference if comparison else Interval(*[math.nan] * 3)
        record[f"{quantity}_verdict"] = comparison.verdict if comparison else ""
        record |= _ends(f"{quantity}_difference", difference)
        for name in ("p", "p_adjusted", "effect", "detectable"):
            record[f"{quantity}_{name}"] = getattr(comparison, name) if comparison else math.nan
    for prefix, figures in (
        ("published", published and published.table),
        ("output", published and published.output),
    ):
        for name in ("train", "validation", "seconds"):
            record[f"{prefix}_{name}"] = getattr(figures, name) if figures else None
    return record | dict(arm.arm.hyperparameters)


def arm_measurements(study: StudyResult, arm: ArmResult) -> dict[str, float]:
    """What the seeds of an arm give together, by name; nan where it is unknown.

    Parameters
    ----------
    study : StudyResult
    arm : ArmResult

    Returns
    -------
    dict of str to float
        Of each quantity the mean and the ends of its 95 % interval, the ratio of epoch times to
        the baseline, and the epochs and seconds until as good as it is in the end.
    """
    reach = study.reach(arm)
    intervals = {
        **{quantity: arm.interval(quantity) for quantity in get_args(Quantity)},
        "epoch_time_ratio": study.time_ratio(arm),
        "epochs_to_baseline": reach.epochs,
        "seconds_to_baseline": reach.seconds,
    }
    measured: dict[str, float] = {}
    for name, interval in intervals.items():
        measured |= _ends(name, interval)
    return measured | {"reached_baseline": reach.n_reached}


def _ends(name: str, interval: Interval) -> dict[str, float]:
    return {name: interval.mean, f"{name}_low": interval.low, f"{name}_high": interval.high}
