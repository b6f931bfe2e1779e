"""Optuna's own plots of a study."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from typing import Any

import plotly.graph_objects as go
from optuna import visualization
from optuna.importance import FanovaImportanceEvaluator
from optuna.study import Study
from optuna.trial import TrialState
from plotly.offline import get_plotlyjs

__all__ = ["plots_page", "study_plots"]


def study_plots(study: Study, objectives: tuple[str, ...]) -> dict[str, go.Figure]:
    """Plot a study as Optuna does.

    Parameters
    ----------
    study : optuna.study.Study
    objectives : tuple of str
        Names of its values.

    Returns
    -------
    dict of str to plotly.graph_objects.Figure
        By title; without what cannot be told from so few trials.
    """
    n_complete = len(study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,)))
    if not n_complete:
        return {}
    plots: dict[str, go.Figure] = {}
    if len(objectives) > 1:
        plots["Pareto front"] = visualization.plot_pareto_front(
            study, target_names=list(objectives)
        )
    for position, objective in enumerate(objectives):
        of = "" if len(objectives) == 1 else f" of {objective}"
        how: Any = {"target": _value(position), "target_name": objective} if of else {}
        plots[f"History{of}"] = visualization.plot_optimization_history(study, **how)
        if n_complete > 1 and study.trials[0].params:
            plots[f"Importances{of}"] = visualization.plot_param_importances(
                study, evaluator=FanovaImportanceEvaluator(seed=0), **how
            )
            plots[f"Parallel coordinates{of}"] = visualization.plot_parallel_coordinate(
                study, **how
            )
            plots[f"Slices{of}"] = visualization.plot_slice(study, **how)
    if len(objectives) == 1:
        plots["Intermediate values"] = visualization.plot_intermediate_values(study)
    return plots


def _value(position: int) -> Callable:
    return lambda trial: trial.values[position]


def plots_page(plots: Mapping[str, go.Figure], title: str) -> str:
    """Put plots onto one page of HTML that needs no network."""
    sections = "".join(
        f"<h2>{html.escape(name)}</h2>\n{figure.to_html(full_html=False, include_plotlyjs=False)}\n"
        for name, figure in plots.items()
    )
    return (
        f'<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8">'
        f"<title>{html.escape(title)}</title><script>{get_plotlyjs()}</script></head>\n"
        f"<body>\n<h1>{html.escape(title)}</h1>\n{sections}</body>\n</html>\n"
    )
