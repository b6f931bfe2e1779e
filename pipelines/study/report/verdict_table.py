"""The verdicts in words."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from pipelines.statistics import Comparison, Verdict
from pipelines.study import ArmResult, Metric, StudyResult
from pipelines.study.report.text import interval_text, p_text, ratio_text

__all__ = ["VerdictRow", "verdict_rows", "verdict_sentence"]

_MARKS: dict[Verdict, str] = {
    "better": "▲",
    "worse": "▼",
    "no difference shown": "○",
    "fails": "✕",
    "no verdict": "-",
}


@dataclass(frozen=True)
class VerdictRow:
    """A judged arm in words."""

    name: str
    validation: str
    in_range: str
    train: str
    test: str
    time: str
    reach: str
    verdict: str
    mark: str
    sentence: str
    validation_verdict: str
    test_verdict: str
    is_baseline: bool


def verdict_rows(study: StudyResult) -> list[VerdictRow]:
    """The judged arms in words, the best first."""
    by_quantity = {
        "validation": study.compared_by("validation"),
        "test": study.compared_by("test"),
    }
    return [_verdict_row(study, arm, by_quantity) for arm in study.ranked()]


def _verdict_row(
    study: StudyResult, arm: ArmResult, by_quantity: Mapping[str, Mapping[str, Comparison]]
) -> VerdictRow:
    metric = study.metric
    comparison = study.comparisons.get(arm.label)
    others = {
        quantity: compared[arm.label].verdict if arm.label in compared else ""
        for quantity, compared in by_quantity.items()
    }
    return VerdictRow(
        name=arm.label,
        validation=interval_text(metric, arm.interval("validation")),
        in_range=interval_text(metric, arm.interval("in_range")),
        train=interval_text(metric, arm.interval("train")),
        test=interval_text(metric, arm.interval("test")),
        time=ratio_text(study.time_ratio(arm)),
        reach=_reach_text(study, arm),
        verdict=comparison.verdict if comparison else "baseline",
        mark=_MARKS[comparison.verdict] if comparison else "",
        sentence=verdict_sentence(comparison, metric)
        if comparison
        else "what the others are compared with",
        validation_verdict=others["validation"],
        test_verdict=others["test"],
        is_baseline=arm is study.baseline,
    )


def verdict_sentence(comparison: Comparison, metric: Metric) -> str:
    """A verdict with its evidence.

    Parameters
    ----------
    comparison : Comparison
    metric : Metric

    Returns
    -------
    str
    """
    unit = "points" if metric.unit == "%" else metric.unit
    n_seeds = comparison.n_pairs + comparison.n_failed
    if comparison.verdict == "fails":
        return f"fails: {comparison.n_failed} of {n_seeds} seeds did not come to their end"
    if comparison.verdict == "no verdict":
        return "no verdict: it takes two seeds or more"
    difference = comparison.difference
    ends = ", ".join(metric.text(end, signed=True) for end in (difference.low, difference.high))
    found = f"{metric.text(difference.mean, signed=True)} {unit} [{ends}]"
    evidence = f"better in {comparison.n_better} of {comparison.n_pairs} seeds, {p_text(comparison.p_adjusted)}"
    if comparison.verdict != "no difference shown":
        if math.isfinite(comparison.effect):
            evidence += f", g = {comparison.effect:+.1f}"
        return f"{comparison.verdict}: {found}; {evidence}"
    if math.isfinite(comparison.detectable) and comparison.detectable > 0:
        evidence += f"; {metric.text(comparison.detectable)} would be seen in 4 of 5 such studies"
    return f"no difference shown: {found}; {evidence}"


def _reach_text(study: StudyResult, arm: ArmResult) -> str:
    reach = study.reach(arm)
    if not reach.n_reached:
        return "never" if reach.n_seeds else "-"
    told = f"{reach.epochs.mean:.1f} epochs, {_seconds_text(reach.seconds.mean)}"
    everywhere = reach.n_reached == reach.n_seeds
    return told if everywhere else f"{told} (in {reach.n_reached} of {reach.n_seeds} seeds)"


def _seconds_text(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds >= 10 else f"{seconds:.2f} s"
