"""The HTML page of a search: one file that needs no network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import jinja2
import plotly.graph_objects as go
from plotly.offline import get_plotlyjs

from pipelines.report.figures import (
    curves_info,
    parallel_info,
    plot_curves,
    plot_parallel,
    plot_tradeoff,
    tradeoff_info,
)
from pipelines.report.table import results_table, warnings_by_message
from pipelines.report.verdict import SearchVerdict
from pipelines.report.verdict_sentences import verdict_sentences
from pipelines.search import Evaluation

__all__ = ["render_page"]


def render_page(
    evaluations: Sequence[Evaluation],
    verdict: SearchVerdict,
    *,
    title: str,
    facts: Mapping[str, Any],
    figures: Mapping[str, go.Figure] | None = None,
) -> str:
    """Render what a search found.

    Parameters
    ----------
    evaluations : sequence of Evaluation
    verdict : SearchVerdict
    title : str
    facts : mapping of str to object
        What was searched and how.
    figures : mapping of str to plotly.graph_objects.Figure, default=None
        More figures, by title, to stand below the page's own.

    Returns
    -------
    str
        HTML.
    """
    metric = verdict.metric.scorer
    table = results_table(evaluations, [*verdict.metrics])
    shown = {
        "Score against time": plot_tradeoff(tradeoff_info(evaluations, metric)),
        "Learning curves of the best five": plot_curves(curves_info(evaluations, metric)),
        "Hyperparameters and score": plot_parallel(parallel_info(evaluations, metric)),
        **(figures or {}),
    }
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("pipelines.report"), autoescape=True
    )
    return environment.get_template("search.html.jinja").render(
        title=title,
        facts=facts,
        verdict=verdict_sentences(verdict),
        metric=metric,
        rows=table.to_dict("records"),
        warnings=warnings_by_message(table),
        figures={name: _fragment(figure) for name, figure in shown.items()},
        plotly=get_plotlyjs(),
    )


def _fragment(figure: go.Figure) -> str:
    figure.update_layout(
        template="plotly_white",
        font={"family": "system-ui, sans-serif", "size": 13, "color": "#4b5563"},
        margin={"l": 130, "r": 30, "t": 60, "b": 55},
        legend={"orientation": "h", "y": -0.2},
        height=440,
    )
    return figure.to_html(full_html=False, include_plotlyjs=False, config={"displaylogo": False})
