"""What a search ends with: the record of its outcome, and the words on the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go
from rich.console import Console

from pipelines.data import Dataset
from pipelines.report import print_results, render_page, results_table
from pipelines.search import score
from pipelines.search.base_search import BaseSearch
from pipelines.tracking import MLflowTracker

__all__ = ["record_outcome"]


def record_outcome(
    search: BaseSearch,
    development: Dataset,
    test: Dataset,
    tracker: MLflowTracker,
    *,
    title: str,
    facts: Mapping[str, Any],
    figures: Mapping[str, go.Figure] | None = None,
) -> None:
    """Score the refitted best on the test rows, record all that came of it, and print it.

    Parameters
    ----------
    search : BaseSearch
        Fitted, the best refitted.
    development, test : Dataset
        What was searched on, and what was held out.
    tracker : MLflowTracker
    title : str
        Of the page.
    facts : mapping of str to object
        Settings that the page tells.
    figures : mapping of str to plotly.graph_objects.Figure, default=None
        More figures for the page, by title.
    """
    metrics = search.metrics_
    best = search.evaluations_[search.best_index_]
    test_scores = score(search.best_estimator_, test.X, test.y, metrics)
    table = results_table(search.evaluations_, metrics)

    tracker.log_results(table)
    tracker.log_best(best)
    tracker.log_test_scores(test_scores)
    page = render_page(
        search.evaluations_,
        metrics,
        title=title,
        facts={name.replace("_", " "): value for name, value in facts.items()},
        test_scores=test_scores,
        figures=figures,
    )
    tracker.log_text(page, "search.html")
    tracker.log_model(search.best_estimator_, development.X.head())

    console = Console()
    print_results(table, metrics[0], console)
    scores = ", ".join(f"{name} {value:.4f}" for name, value in test_scores.items())
    for sentence in (
        f"\nBest: {best.candidate.name}. On the {len(test.X)} rows held out: {scores}.",
        f"Recorded as run {tracker.run_id} in {tracker.address}. To look at it: make ui",
    ):
        console.print(sentence, markup=False, soft_wrap=True)
