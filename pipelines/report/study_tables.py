"""Tables of the techniques study: results for programs, and in words for people."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

import pandas as pd

from pipelines.techniques import (
    Agreement,
    Comparison,
    Interval,
    LineResult,
    Measure,
    Published,
    Quantity,
    Row,
    StudyResult,
    agreement_of,
    matching_variant,
)

__all__ = [
    "MARKS",
    "OursBesidePublished",
    "PublishedRow",
    "VerdictRow",
    "interval_text",
    "line_measurements",
    "p_text",
    "published_rows",
    "study_table",
    "verdict_rows",
    "verdict_sentence",
]

MARKS = {
    "better": "▲",
    "worse": "▼",
    "no difference shown": "○",
    "fails": "✕",
    "no verdict": "-",
    "reproduced": "✓",
    "within the spread": "≈",
    "off": "✕",
}


def study_table(study: StudyResult) -> pd.DataFrame:
    """Tabulate all lines with everything that was measured.

    Parameters
    ----------
    study : StudyResult

    Returns
    -------
    DataFrame
        A row a line. Of each quantity "<quantity>", "<quantity>_low" and "<quantity>_high": mean
        over the seeds and 95 % interval; metrics as they are (an accuracy as a share). Then the
        comparison with the baseline, the published figures, and a column a hyperparameter.
    """
    quantities: tuple[Quantity, ...] = ("validation", "usual", "test")
    compared = {quantity: study.compared_by(quantity) for quantity in quantities}
    return pd.DataFrame([_record(study, line, compared) for line in study.lines])


def _record(
    study: StudyResult, line: LineResult, compared: Mapping[Quantity, Mapping[str, Comparison]]
) -> dict[str, object]:
    row = line.line.row
    record: dict[str, object] = {
        "row": row.name,
        "line": line.name,
        "variant": " and ".join(line.line.variants),
        "seeds": len(line.evaluations),
        "failed": line.n_failed,
        "reason": line.reason or "",
    }
    for name, value in line_measurements(study, line).items():
        record[name.removeprefix("over_seeds.")] = value
    for quantity, comparisons in compared.items():
        comparison = comparisons.get(line.name) if line in study.judged else None
        prefix = f"{quantity}_"
        record[f"{prefix}verdict"] = comparison.verdict if comparison else ""
        record |= _ends(f"{prefix}difference", comparison.difference if comparison else _UNKNOWN)
        for name in ("p", "p_adjusted", "effect", "detectable"):
            record[f"{prefix}{name}"] = getattr(comparison, name) if comparison else math.nan
    for prefix, figures in (("published", row.published), ("output", row.output)):
        for name in ("train", "validation", "seconds"):
            record[f"{prefix}_{name}"] = getattr(figures, name) if figures else None
    return record | dict(line.line.hyperparameters)


def line_measurements(study: StudyResult, line: LineResult) -> dict[str, float]:
    """What the seeds of a line give together, by name; nan where it is unknown.

    Parameters
    ----------
    study : StudyResult
    line : LineResult

    Returns
    -------
    dict of str to float
        Of each quantity the mean and the ends of its 95 % interval, the ratio of epoch times to
        the baseline, and the epochs and seconds until as good as it is in the end.
    """
    reach = study.reach(line)
    intervals = {
        **{quantity: line.interval(quantity) for quantity in get_args(Quantity)},
        "epoch_time_ratio": study.time_ratio(line),
        "epochs_to_baseline": reach.epochs,
        "seconds_to_baseline": reach.seconds,
    }
    ends = {
        f"over_seeds.{name}{end}": value
        for name, interval in intervals.items()
        for end, value in zip(("", "_low", "_high"), interval, strict=True)
    }
    return {**ends, "over_seeds.reached_baseline": reach.n_reached}


_UNKNOWN = Interval(math.nan, math.nan, math.nan)


def _ends(name: str, interval: Interval) -> dict[str, object]:
    return {name: interval.mean, f"{name}_low": interval.low, f"{name}_high": interval.high}


def interval_text(measure: Measure, interval: Interval) -> str:
    """A mean and its interval as they are printed.

    Examples
    --------
    >>> accuracy = Measure("accuracy", "%", 100, 2, "accuracy", "accuracy", 1, True, 0.005)
    >>> interval_text(accuracy, Interval(0.86, 0.855, 0.865))
    '86.00 [85.50, 86.50]'
    """
    if math.isnan(interval.mean):
        return "-"
    mean = measure.text(interval.mean)
    if math.isnan(interval.low):
        return mean
    return f"{mean} [{measure.text(interval.low)}, {measure.text(interval.high)}]"


@dataclass(frozen=True)
class VerdictRow:
    """A judged line in words."""

    name: str
    validation: str
    usual: str
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
    """The judged lines in words, the best first."""
    by_quantity = {
        "validation": study.compared_by("validation"),
        "test": study.compared_by("test"),
    }
    return [_verdict_row(study, line, by_quantity) for line in study.ranked()]


def _verdict_row(
    study: StudyResult, line: LineResult, by_quantity: Mapping[str, Mapping[str, Comparison]]
) -> VerdictRow:
    measure = study.measure
    comparison = study.comparisons.get(line.name)
    others = {
        quantity: compared[line.name].verdict if line.name in compared else ""
        for quantity, compared in by_quantity.items()
    }
    return VerdictRow(
        name=line.name,
        validation=interval_text(measure, line.interval("validation")),
        usual=interval_text(measure, line.interval("usual")),
        train=interval_text(measure, line.interval("train")),
        test=interval_text(measure, line.interval("test")),
        time=_ratio_text(study.time_ratio(line)),
        reach=_reach_text(study, line),
        verdict=comparison.verdict if comparison else "baseline",
        mark=MARKS[comparison.verdict] if comparison else "",
        sentence=verdict_sentence(comparison, measure)
        if comparison
        else "what the others are compared with",
        validation_verdict=others["validation"],
        test_verdict=others["test"],
        is_baseline=line is study.baseline,
    )


def verdict_sentence(comparison: Comparison, measure: Measure) -> str:
    """A verdict with its evidence.

    Parameters
    ----------
    comparison : Comparison
    measure : Measure

    Returns
    -------
    str
    """
    unit = "points" if measure.unit == "%" else measure.unit
    n_seeds = comparison.n_pairs + comparison.n_failed
    if comparison.verdict == "fails":
        return f"fails: {comparison.n_failed} of {n_seeds} seeds did not come to their end"
    if comparison.verdict == "no verdict":
        return "no verdict: it takes two seeds or more"
    difference = comparison.difference
    ends = ", ".join(measure.text(end, signed=True) for end in (difference.low, difference.high))
    found = f"{measure.text(difference.mean, signed=True)} {unit} [{ends}]"
    evidence = f"better in {comparison.n_better} of {comparison.n_pairs} seeds, {p_text(comparison.p_adjusted)}"
    if comparison.verdict != "no difference shown":
        if math.isfinite(comparison.effect):
            evidence += f", g = {comparison.effect:+.1f}"
        return f"{comparison.verdict}: {found}; {evidence}"
    if math.isfinite(comparison.detectable) and comparison.detectable > 0:
        evidence += f"; {measure.text(comparison.detectable)} would be seen in 4 of 5 such studies"
    return f"no difference shown: {found}; {evidence}"


def p_text(p: float) -> str:
    """A p value as it is printed.

    Examples
    --------
    >>> p_text(0.0312), p_text(1e-5)
    ('p = 0.031', 'p < 0.001')
    """
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def _ratio_text(ratio: Interval) -> str:
    if math.isnan(ratio.mean):
        return "-"
    if math.isnan(ratio.low) or ratio.low == ratio.high:
        return f"{ratio.mean:.2f}"
    return f"{ratio.mean:.2f} [{ratio.low:.2f}, {ratio.high:.2f}]"


def _reach_text(study: StudyResult, line: LineResult) -> str:
    reach = study.reach(line)
    if not reach.n_reached:
        return "never" if reach.n_seeds else "-"
    told = f"{reach.epochs.mean:.1f} epochs, {_seconds_text(reach.seconds.mean)}"
    everywhere = reach.n_reached == reach.n_seeds
    return told if everywhere else f"{told} (in {reach.n_reached} of {reach.n_seeds} seeds)"


def _seconds_text(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds >= 10 else f"{seconds:.2f} s"


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

    `as_run` is None where the row was run as described; `output` and `against_output` are None
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
    return [_published_row(study, row, row.published) for row in study.table.rows if row.published]


def _published_row(study: StudyResult, row: Row, published: Published) -> PublishedRow:
    described, as_run = study.line(row.name, "as described"), study.line(row.name, "as run")
    base = study.table[study.table.baseline].published
    ran = as_run or described
    return PublishedRow(
        label=row.label,
        table=_figures(study.measure, published),
        output=_figures(study.measure, row.output) if row.output else None,
        time=f"{published.seconds / base.seconds:.2f}"
        if base and base.seconds and published.seconds
        else "-",
        our_time=_ratio_text(study.time_ratio(ran)) if ran else "-",
        described=_beside(described, published),
        as_run=_beside(as_run, published) if row.differs else None,
        against_output=_beside(as_run, row.output) if row.output else None,
        matches=matching_variant(study, row) or "",
        discrepancy=row.discrepancy,
    )


def _figures(measure: Measure, published: Published) -> str:
    return f"{measure.text(published.train)} / {measure.text(published.validation)}"


def _beside(line: LineResult | None, published: Published) -> OursBesidePublished | None:
    if line is None:
        return None
    agreement = agreement_of(line, published, "validation")
    if agreement is None:
        return OursBesidePublished("diverged", MARKS["off"], "off", "")
    train = line.measure.text(line.interval("train_last_epoch").mean)
    return OursBesidePublished(
        text=f"{train} / {interval_text(line.measure, agreement.ours)}",
        mark=MARKS[agreement.kind],
        kind=agreement.kind,
        off=_off_text(line.measure, agreement),
    )


def _off_text(measure: Measure, agreement: Agreement) -> str:
    way = "higher" if agreement.off > 0 else "lower"
    unit = " points" if measure.unit == "%" else ""
    return f"published {measure.text(abs(agreement.off))}{unit} {way}"
