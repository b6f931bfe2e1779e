"""The page of the techniques study, and the same in Markdown."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import get_args

import jinja2
import numpy as np

from pipelines.data import Dataset
from pipelines.report.claims_figures import dead_info, layers_info, plot_dead, plot_layers
from pipelines.report.claims_table import claim_rows
from pipelines.report.drawing import Drawing, draw
from pipelines.report.illustrations import (
    activations_info,
    plot_activations,
    plot_samples,
    samples_info,
)
from pipelines.report.published_figure import plot_published, published_info
from pipelines.report.study_figures import (
    curves_info,
    forest_info,
    plot_curves,
    plot_forest,
    plot_times,
    times_info,
)
from pipelines.report.study_tables import published_rows, verdict_rows
from pipelines.techniques import ClaimResult, StudyResult, Support, agreement_of

__all__ = [
    "StudyReport",
    "claim_drawings",
    "findings",
    "illustrations",
    "report_study",
    "study_drawings",
]

_TITLES = {"fashion_mnist": "Fashion-MNIST", "california_housing": "California housing"}


@dataclass(frozen=True)
class StudyReport:
    """A study, reported.

    Attributes
    ----------
    html : str
        One page that needs nothing else.
    markdown : str
        The same, with the figures as files beside it.
    drawings : tuple of Drawing
    """

    html: str
    markdown: str
    drawings: tuple[Drawing, ...]


def report_study(
    study: StudyResult,
    *,
    claims: tuple[ClaimResult, ...] = (),
    dataset: Dataset | None = None,
    figures_path: str = "figures",
) -> StudyReport:
    """Report what a study found.

    Parameters
    ----------
    study : StudyResult
    claims : tuple of ClaimResult, default=()
        What came of the claims, where they were tried.
    dataset : Dataset, default=None
        What the study was run on, of which images are shown.
    figures_path : str, default="figures"
        Where the Markdown finds the figures.

    Returns
    -------
    StudyReport
    """
    drawings = (
        *study_drawings(study),
        *(claim_drawings(claims) if claims else ()),
        *illustrations(dataset),
    )
    told = {
        "study": study,
        "findings": [*findings(study), *([_claims_told(claims)] if claims else [])],
        "claims": claim_rows(claims),
        "verdicts": verdict_rows(study),
        "published": published_rows(study),
        "drawings": {drawing.name: drawing for drawing in drawings},
        "figures_path": figures_path,
        "dataset": _TITLES.get(study.dataset, study.dataset),
    }
    loader = jinja2.PackageLoader("pipelines.report")
    page = jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    plain = jinja2.Environment(loader=loader, trim_blocks=True, lstrip_blocks=True)
    return StudyReport(
        html=page.get_template("study.html.jinja").render(told),
        markdown=plain.get_template("study.md.jinja").render(told),
        drawings=drawings,
    )


def study_drawings(study: StudyResult) -> tuple[Drawing, ...]:
    """Draw all figures of a study."""
    baseline = study.baseline.name
    usual = f" without the {study.n_far} far ones" if study.n_far else ""
    drawings = [
        draw(
            "differences",
            f"What each technique gains over {baseline} on the validation rows{usual}, with 95 % "
            "intervals. Right of the line is better. A triangle is a difference shown, once all "
            "comparisons are corrected for their number; a dot is none.",
            lambda: plot_forest(forest_info(study)),
        )
    ]
    if study.table.is_published:
        drawings.append(
            draw(
                "published",
                "The published validation figures (diamonds) beside ours (dots). The thick bar is "
                "the 95 % interval of our mean; the thin one holds one more run in 95 % of cases, "
                "and each published figure is one run.",
                lambda: plot_published(published_info(study)),
            )
        )
    drawings += [
        draw(
            "curves",
            "Validation (solid) and training (dotted) by epoch, means over the seeds; the band "
            f"runs from the lowest to the highest seed. Grey is {baseline}.",
            lambda: plot_curves(curves_info(study)),
        ),
        draw(
            "times",
            f"Score on the validation rows{usual} against the time of an epoch, which is 1 for "
            f"{baseline}, with 95 % intervals.",
            lambda: plot_times(times_info(study)),
        ),
    ]
    return tuple(drawings)


def claim_drawings(claims: tuple[ClaimResult, ...]) -> tuple[Drawing, ...]:
    """Draw the figures of the claims."""
    return (
        draw(
            "layers",
            "What hidden layers give out after training: mean and standard deviation over units "
            "and validation rows, with a band from the lowest to the highest seed. Selu wants "
            "them at the black lines, 0 and 1.",
            lambda: plot_layers(layers_info(claims)),
        ),
        draw(
            "dead",
            "Share of the units that give out the same for every row, by hidden layer, after "
            "training at a high learning rate with clipped gradients; a dot a seed.",
            lambda: plot_dead(dead_info(claims)),
        ),
    )


def illustrations(dataset: Dataset | None) -> tuple[Drawing, ...]:
    """Draw what needs no training."""
    drawings = [
        draw(
            "activations",
            "The activation functions and their derivatives. Where the derivative is 0 a unit "
            "learns nothing; randomized leaky relu is shown as at prediction, prelu as it begins.",
            lambda: plot_activations(activations_info()),
        )
    ]
    if dataset is not None and dataset.kind == "image":
        drawings.append(
            draw(
                "samples",
                "The first images of each class.",
                lambda: plot_samples(samples_info(dataset)),
            )
        )
    return tuple(drawings)


def _claims_told(claims: tuple[ClaimResult, ...]) -> str:
    counts = Counter(result.judgement.verdict for result in claims)
    told = ", ".join(f"{counts[kind]} {kind}" for kind in get_args(Support) if counts[kind])
    return f"Of {len(claims)} claims about the techniques: {told}."


def findings(study: StudyResult) -> list[str]:
    """What a reader in a hurry should know, a sentence each."""
    baseline = study.baseline.name
    by_verdict: dict[str, list[str]] = {}
    for name, comparison in study.comparisons.items():
        by_verdict.setdefault(comparison.verdict, []).append(name)
    words = {
        "better": f"Better than {baseline}",
        "worse": f"Worse than {baseline}",
        "no difference shown": f"Not shown to differ from {baseline}",
        "fails": "Not trained to the end with every seed",
        "no verdict": "Without a verdict, for want of seeds",
    }
    sentences = [
        f"{told}: {'; '.join(by_verdict[verdict])}."
        for verdict, told in words.items()
        if verdict in by_verdict
    ]
    if study.n_far:
        sentences.append(_far_rows(study))
    if study.table.is_published:
        sentences.append(_reproduction(study))
    return sentences


def _far_rows(study: StudyResult) -> str:
    spread, usual = (
        np.nanmean(
            [line.values(quantity).std(ddof=1) for line in study.judged if not line.n_failed]
        )
        for quantity in ("validation", "usual")
    )
    told = (
        f"{study.n_far} validation rows lie 100 standard deviations or more outside of the "
        f"training rows, where a network's output is arbitrary. Verdicts leave them out"
    )
    if len(study.seeds) < 2:
        return f"{told}."
    return (
        f"{told}: with them the {study.measure.name} varies between seeds by "
        f"{study.measure.text(spread)} (standard deviation), without them by "
        f"{study.measure.text(usual)}."
    )


def _reproduction(study: StudyResult) -> str:
    kinds: Counter[str] = Counter()
    for row in study.table.rows:
        line = study.line(row.name, "as run") or study.line(row.name, "as described")
        figures = row.output or row.published
        if line is not None and figures is not None:
            agreement = agreement_of(line, figures, "validation")
            kinds[agreement.kind if agreement else "off"] += 1
    told = ", ".join(
        f"{kinds[kind]} {words}"
        for kind, words in (
            ("reproduced", "reproduced"),
            ("within the spread", "within the spread of single runs"),
            ("off", "off"),
        )
        if kinds[kind]
    )
    return f"Of the {kinds.total()} validation figures of the notebook, run as it ran: {told}."
