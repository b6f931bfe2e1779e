"""The page of a study, and the same in Markdown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import jinja2

from pipelines.data import Dataset
from pipelines.report.drawing import Drawing
from pipelines.study import ClaimResult, StudyResult
from pipelines.study.report.claims_table import claim_rows
from pipelines.study.report.drawings import claim_drawings, illustrations, study_drawings
from pipelines.study.report.effects_table import effect_rows
from pipelines.study.report.findings import findings
from pipelines.study.report.forest import forest_info, forest_strips
from pipelines.study.report.published_table import published_rows
from pipelines.study.report.verdict_table import verdict_rows

__all__ = ["StudyReport", "report_study"]


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

    @property
    def plain_markdown(self) -> str:
        """The Markdown for a viewer that shows no images, as MLflow's: figures by path and caption."""
        return re.sub(r"!\[(.*?)\]\((.*?)\)", r"Figure `\2`: \1", self.markdown)


def report_study(
    study: StudyResult,
    *,
    claims: Sequence[ClaimResult] = (),
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
    effects = effect_rows(study)
    told = {
        "study": study,
        "findings": findings(study, claims),
        "claims": claim_rows(claims),
        "effects": effects,
        "effect_columns": list(dict.fromkeys(level for row in effects for level in row.within)),
        "verdicts": verdict_rows(study),
        "published": published_rows(study),
        "forest": forest_strips(forest_info(study)),
        "drawings": {drawing.name: drawing for drawing in drawings},
        "figures_path": figures_path,
        "dataset": study.design.title,
        "studied": study.design.studied,
    }
    loader = jinja2.ChoiceLoader(
        [
            jinja2.PackageLoader("pipelines.study.report"),
            jinja2.PackageLoader("pipelines.report"),  # the style of all pages
        ]
    )
    page = jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    plain = jinja2.Environment(loader=loader, trim_blocks=True, lstrip_blocks=True)
    return StudyReport(
        html=page.get_template("study.html.jinja").render(told),
        markdown=plain.get_template("study.md.jinja").render(told),
        drawings=drawings,
    )
