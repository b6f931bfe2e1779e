"""The HTML page of a search: one file that needs no network."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import jinja2

from pipelines.report.advice import NextSteps
from pipelines.report.causes import cause_sentences
from pipelines.report.differences import (
    differences_info,
    effects_info,
    plot_differences,
    plot_importances,
)
from pipelines.report.figures import (
    curves_info,
    history_info,
    pareto_info,
    plot_curves,
    plot_history,
    plot_pareto,
    plot_tradeoff,
    tradeoff_info,
)
from pipelines.report.inspection import Inspection
from pipelines.report.inspection_figures import (
    confusion_table,
    plot_calibration,
    plot_column_importances,
    plot_predictions,
    plot_residuals,
    plot_thresholds,
    png_address,
    residuals_info,
)
from pipelines.report.ranking import model_rows, ranking_rows
from pipelines.report.sentences import count_text
from pipelines.report.table import results_table, warnings_by_message
from pipelines.report.verdict import SearchVerdict
from pipelines.report.verdict_sentences import verdict_sentences
from pipelines.report.worth import Worth, effect_sentence
from pipelines.search import Evaluation

__all__ = ["render_page"]

_N_SHOWN = 15


def render_page(
    evaluations: Sequence[Evaluation],
    verdict: SearchVerdict,
    worth: Worth,
    *,
    title: str,
    facts: Mapping[str, Any],
    inspection: Inspection | None = None,
    steps: NextSteps | None = None,
    command: str = "",
    warnings: Sequence[str] = (),
    objectives: Sequence[str] = ("score",),
    front: Collection[int] = (),
    run_address: Callable[[int], str | None] = lambda number: None,
) -> str:
    """Render what a search found.

    Parameters
    ----------
    evaluations : sequence of Evaluation
    verdict : SearchVerdict
    worth : Worth
    title : str
    facts : mapping of str to object
        What was searched and how.
    inspection : Inspection, default=None
        Of the best model.
    steps : NextSteps, default=None
        What to try next.
    command : str, default=""
        That does it, with the grid of these steps.
    warnings : sequence of str, default=()
        About the data.
    objectives : sequence of str, default=("score",)
        What was optimized; several are shown against each other.
    front : collection of int, default=()
        Numbers of the candidates that no other one beats in all objectives.
    run_address : callable, default=None
        Returns the address of a candidate's run, by its number; None where it has none.

    Returns
    -------
    str
        HTML.
    """
    table = results_table(evaluations, [*verdict.metrics])
    messages: dict[str, str] = dict.fromkeys(warnings, "")
    messages |= {text: count_text(names) for text, names in warnings_by_message(table).items()}

    def unfinished(*statuses: str) -> list[dict[str, str | None]]:
        return [
            {
                "name": one.candidate.name,
                "link": run_address(one.candidate.number),
                "status": one.status,
                "reason": one.reason,
            }
            for one in evaluations
            if one.status in statuses
        ]

    is_compared = verdict.n_folds > 1 and bool(verdict.rivals or verdict.comparisons)
    n_first = verdict.n_first
    curves = curves_info(verdict.ranked)
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("pipelines.report"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("search.html.jinja").render(
        title=title,
        sentences=verdict_sentences(verdict),
        metrics=[*verdict.metrics.values()],
        models=model_rows(verdict),
        differences=plot_differences(differences_info(verdict)) if is_compared else None,
        worth=worth,
        effects=plot_differences(effects_info(worth)) if worth.effects else None,
        effect_sentences=[effect_sentence(effect, worth.metric) for effect in worth.effects],
        importances=plot_importances(worth) if worth.importances else None,
        **(_inspected(inspection) if inspection else {}),
        steps=steps,
        command=command,
        ranking=ranking_rows(verdict, run_address),
        causes=cause_sentences(verdict),
        broken=unfinished("failed", "diverged"),
        pruned=unfinished("pruned"),
        warnings=messages,
        history=(
            plot_history(history_info(evaluations, verdict.metric, n_first))
            if n_first is not None
            else None
        ),
        fronts=[
            plot_pareto(pareto_info(evaluations, front, (objectives[0], other), verdict.metric))
            for other in objectives[1:]
        ],
        curves=plot_curves(curves),
        curve_names=curves.names,
        tradeoff=plot_tradeoff(tradeoff_info(verdict)),
        n_shown=_N_SHOWN,
        n_folds=verdict.n_folds,
        facts=facts,
    )


def _inspected(inspection: Inspection) -> dict[str, Any]:
    """What the page shows of the best model."""
    shown: dict[str, Any] = {
        "inspection": inspection,
        "columns": plot_column_importances(inspection) if inspection.importances else None,
        "images": [png_address(row.pixels) for row in inspection.wrong if row.pixels is not None],
    }
    if inspection.calibration is None:
        info = residuals_info(inspection)
        return shown | {
            "n_points": len(info.actual),
            "predictions": plot_predictions(info),
            "residuals": plot_residuals(info),
        }
    return shown | {
        "confusion": confusion_table(inspection),
        "calibration": plot_calibration(inspection.calibration, inspection.answered),
        "thresholds": plot_thresholds(inspection.thresholds) if inspection.thresholds else None,
    }
