"""The page of a comparison, and the same in Markdown."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import jinja2
from markupsafe import Markup

from pipelines.report.chart import Band, Line, Points, plot
from pipelines.report.scale import Scale, scale_of
from pipelines.statistics import Interval
from pipelines.transfer.arms import ARMS, SCRATCH
from pipelines.transfer.result import SizeResult, TransferResult, verdict_words
from pipelines.transfer.sentences import answer, findings, number_words, p_words

__all__ = [
    "LearningCurves",
    "curves_info",
    "plot_curves",
    "transfer_markdown",
    "transfer_page",
]

_MARKS = {"better": "▲", "negative transfer": "▼"}
_KINDS = {"better": "better", "negative transfer": "worse"}


class LearningCurves(NamedTuple):
    """The metric by number of rows, an arm each, in printed units."""

    n_rows: list[int]
    curves: dict[str, list[Interval]]
    label: str


def curves_info(result: TransferResult) -> LearningCurves:
    """Collect means and 95 % intervals over the seeds."""
    metric = result.metric
    return LearningCurves(
        n_rows=[size.n_rows for size in result.sizes],
        curves={
            name: [
                size.arms[name].interval("validation").times(metric.factor) for size in result.sizes
            ]
            for name in result.names
        },
        label=f"{metric.name} in {metric.unit}" if metric.unit else metric.name,
    )


def plot_curves(info: LearningCurves) -> Markup:
    """Plot them over the numbers of rows, with a band for each interval."""
    means = [one.mean for curve in info.curves.values() for one in curve]
    finite = [mean for mean in means if math.isfinite(mean)] or [0.0]
    ends = [
        end
        for curve in info.curves.values()
        for one in curve
        for end in one
        if math.isfinite(end) and end >= 0 and abs(end - one.mean) <= max(finite) - min(finite)
    ]
    x = Scale(info.n_rows[0] / 1.1, info.n_rows[-1] * 1.1, is_log=True)
    y = scale_of([*finite, *ends])
    marks: list[Points | Line | Band] = []
    for kind, (name, curve) in zip(_colours(info.curves), info.curves.items(), strict=True):
        values = [one.mean for one in curve]
        tips = [
            f"{name}, {n_rows:,} rows: {one.mean:.4g} [{one.low:.4g}, {one.high:.4g}]"
            for n_rows, one in zip(info.n_rows, curve, strict=True)
        ]
        low, high = ([one.low for one in curve], [one.high for one in curve])
        marks.append(Band(info.n_rows, low, high, kind))
        marks.append(Line(info.n_rows, values, name, kind))
        marks.append(Points(info.n_rows, values, tips, kind, size=4))
    return plot(marks, x, y, x_label="training rows", y_label=info.label, height=340)


def _colours(curves: dict[str, list[Interval]]) -> list[str]:
    numbers = iter(range(len(curves)))
    return ["base" if name == SCRATCH.name else f"series-{next(numbers)}" for name in curves]


def transfer_page(result: TransferResult) -> str:
    """Render a comparison as HTML, one file that needs no network.

    Parameters
    ----------
    result : TransferResult

    Returns
    -------
    str
    """
    environment = jinja2.Environment(
        loader=jinja2.ChoiceLoader(
            [
                jinja2.PackageLoader("pipelines.transfer"),
                jinja2.PackageLoader("pipelines.report"),  # the style of all pages
            ]
        ),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    info = curves_info(result)
    return environment.get_template("transfer.html.jinja").render(
        _told(result),
        plot=plot_curves(info),
        key=zip(_colours(info.curves), info.curves, strict=True),
    )


def transfer_markdown(result: TransferResult) -> str:
    """Render a comparison as a section of Markdown."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("pipelines.transfer"), trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("transfer.md.jinja").render(_told(result))


def _told(result: TransferResult) -> dict[str, Any]:
    return {
        "result": result,
        "title": f"From {result.source} to {result.target}",
        "answer": answer(result),
        "findings": findings(result),
        "sizes": [(size, _rows(size, result)) for size in result.sizes],
        "arms": [ARMS[name] for name in result.names],
    }


def _rows(size: SizeResult, result: TransferResult) -> list[dict[str, str]]:
    metric = result.metric
    rows = []
    for name, arm in size.arms.items():
        score, compared = arm.interval("validation"), size.comparisons.get(name)
        ends = (metric.text(metric.within_bounds(end)) for end in (score.low, score.high))
        n_reached, epochs, seconds = size.reach(name)
        verdict = "" if compared is None else verdict_words(compared)
        rows.append(
            {
                "name": name,
                "score": metric.text(score.mean),
                "interval": " to ".join(ends),
                "difference": (
                    "" if compared is None else metric.text(compared.difference.mean, signed=True)
                ),
                "p": "" if compared is None else p_words(compared),
                "verdict": verdict,
                "mark": _MARKS.get(verdict, "●") if verdict else "",
                "kind": _KINDS.get(verdict, ""),
                "epochs": number_words(epochs.mean) if n_reached else "not reached",
                "seconds": f"{number_words(seconds.mean)} s" if n_reached else "",
                "reached": f"{n_reached} of {len(arm.runs)}",
            }
        )
    return rows
