"""The verdicts in words."""

from __future__ import annotations

import math
from dataclasses import dataclass

from pipelines.report.sentences import VERDICT_MARKS, interval_text, verdict_sentence
from pipelines.statistics import Interval
from pipelines.study import ArmResult, Quantity, StudyResult

__all__ = ["VerdictRow", "ratio_text", "verdict_rows"]

_CELLS: tuple[Quantity, ...] = ("train", "validation", "in_range", "test")
_OTHERS: tuple[Quantity, ...] = ("validation", "test")


@dataclass(frozen=True)
class VerdictRow:
    """A judged arm in words.

    Attributes
    ----------
    name : str
    cells : dict of str to str
        Means with intervals, by quantity.
    time, reach : str
        Time of an epoch as a ratio, and how soon it is as good as the baseline.
    verdict, mark, sentence : str
    verdicts : dict of str to str
        By other metrics: of all validation rows, and of the test rows.
    is_baseline : bool
    """

    name: str
    cells: dict[str, str]
    time: str
    reach: str
    verdict: str
    mark: str
    sentence: str
    verdicts: dict[str, str]
    is_baseline: bool


def verdict_rows(study: StudyResult) -> list[VerdictRow]:
    """The judged arms in words, the best first."""
    others = {one: study.compared_by(one) for one in _OTHERS}
    rows = []
    for arm in study.ranked():
        comparison = study.comparisons.get(arm.label)
        verdicts = {one: compared.get(arm.label) for one, compared in others.items()}
        rows.append(
            VerdictRow(
                name=arm.label,
                cells={one: interval_text(study.metric, arm.interval(one)) for one in _CELLS},
                time=ratio_text(study.time_ratio(arm)),
                reach=_reach_text(study, arm),
                verdict=comparison.verdict if comparison else "baseline",
                mark=VERDICT_MARKS[comparison.verdict] if comparison else "",
                sentence=(
                    verdict_sentence(comparison, study.metric)
                    if comparison
                    else "what the others are compared with"
                ),
                verdicts={name: one.verdict if one else "" for name, one in verdicts.items()},
                is_baseline=comparison is None,
            )
        )
    return rows


def _reach_text(study: StudyResult, arm: ArmResult) -> str:
    reach = study.reach(arm)
    if not reach.n_reached:
        return "never" if reach.n_seeds else "-"
    told = f"{reach.epochs.mean:.1f} epochs, {_seconds_text(reach.seconds.mean)}"
    everywhere = reach.n_reached == reach.n_seeds
    return told if everywhere else f"{told} (in {reach.n_reached} of {reach.n_seeds} seeds)"


def _seconds_text(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds >= 10 else f"{seconds:.2f} s"


def ratio_text(ratio: Interval) -> str:
    """A ratio and its interval as they are printed."""
    if math.isnan(ratio.mean):
        return "-"
    if math.isnan(ratio.low) or ratio.low == ratio.high:
        return f"{ratio.mean:.2f}"
    return f"{ratio.mean:.2f} [{ratio.low:.2f}, {ratio.high:.2f}]"
