"""The published table beside ours, in words."""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.report.sentences import interval_text
from pipelines.study import (
    VARIANTS,
    ArmResult,
    Figures,
    Metric,
    Publication,
    Reproduction,
    StudyResult,
    matching_variant,
    reproduction_of,
)
from pipelines.study.report.verdict_table import ratio_text

__all__ = ["OursBesidePublished", "PublishedRow", "published_rows"]

_MARKS = {"reproduced": "✓", "within the spread": "≈", "off": "✕"}


@dataclass(frozen=True)
class OursBesidePublished:
    """Our figures for a published one, in words; `mark` and `kind` say how they agree."""

    text: str
    mark: str
    kind: str
    off: str


@dataclass(frozen=True)
class PublishedRow:
    """A row of the published table beside ours.

    `as_run` is None where it was run as described; `output` and `against_output` are None
    where the notebook shows what the table shows.
    """

    label: str
    table: str
    output: str | None
    time: str
    our_time: str
    described: OursBesidePublished | None
    as_run: OursBesidePublished | None
    against_output: OursBesidePublished | None
    matches: str
    discrepancy: str


def published_rows(study: StudyResult) -> list[PublishedRow]:
    """The published table beside ours; empty where nothing was published."""
    return [_published_row(study, publication) for publication in study.design.publications]


def _published_row(study: StudyResult, publication: Publication) -> PublishedRow:
    table, output = publication.table, publication.output
    described, as_run = (study.arm(publication.arm, variant) for variant in VARIANTS)
    ran = as_run or described
    if as_run is described:
        as_run = None
    base = next(one for one in study.design.publications if one.arm == study.design.baseline)
    time = "-"
    if base.table.seconds and table.seconds:
        time = f"{table.seconds / base.table.seconds:.2f}"
    return PublishedRow(
        label=publication.label,
        table=_figures(study.metric, table),
        output=_figures(study.metric, output) if output else None,
        time=time,
        our_time=ratio_text(study.time_ratio(ran)) if ran else "-",
        described=_beside(described, table),
        as_run=_beside(as_run, table),
        against_output=_beside(ran, output) if output else None,
        matches=matching_variant(study, publication) or "",
        discrepancy=publication.discrepancy,
    )


def _figures(metric: Metric, figures: Figures) -> str:
    return f"{metric.text(figures.train)} / {metric.text(figures.validation)}"


def _beside(arm: ArmResult | None, figures: Figures) -> OursBesidePublished | None:
    if arm is None:
        return None
    reproduction = reproduction_of(arm, figures, "validation")
    if reproduction is None:
        return OursBesidePublished("diverged", _MARKS["off"], "off", "")
    train = arm.metric.text(arm.interval("train_last_epoch").mean)
    return OursBesidePublished(
        text=f"{train} / {interval_text(arm.metric, reproduction.ours)}",
        mark=_MARKS[reproduction.kind],
        kind=reproduction.kind,
        off=_off_text(arm.metric, reproduction),
    )


def _off_text(metric: Metric, reproduction: Reproduction) -> str:
    way = "higher" if reproduction.off > 0 else "lower"
    unit = " points" if metric.unit == "%" else ""
    return f"published {metric.text(abs(reproduction.off))}{unit} {way}"
