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


def study_plots(study: Study, objectives: tuple[str, ...], metric: str) -> dict[str, go.Figure]:
    """Plot a study as Optuna does.

    Parameters
    ----------
    study : optuna.study.Study
    objectives : tuple of str
        Names of its values.
    metric : str
        The scorer behind the objective "score".

    Returns
    -------
    dict of str to plotly.graph_objects.Figure
        By title; without those for which there are too few trials.
    """
    complete = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    if not complete:
        return {}
    plots: dict[str, go.Figure] = {}
    names = [f"validation {metric}" if name == "score" else name for name in objectives]
    if len(names) > 1:
        plots["Pareto front"] = visualization.plot_pareto_front(study, target_names=names)
    for position, name in enumerate(names):
        of = "" if len(names) == 1 else f" of {name}"
        # With a target the history has no line of the best.
        how: Any = {"target": _value(position)} if of else {}
        how["target_name"] = name
        plots[f"History{of}"] = visualization.plot_optimization_history(study, **how)
        if len(complete) > 1 and study.trials[0].params:
            if len({trial.values[position] for trial in complete}) > 1:
                plots[f"Importances{of}"] = visualization.plot_param_importances(
                    study, evaluator=FanovaImportanceEvaluator(seed=0), **how
                )
            plots[f"Parallel coordinates{of}"] = visualization.plot_parallel_coordinate(
                study, **how
            )
            plots[f"Slices{of}"] = visualization.plot_slice(study, **how)
    if len(names) == 1:
        plots["Intermediate values"] = visualization.plot_intermediate_values(study)
    for plot in plots.values():
        plot.update_layout(title=None, template="plotly_white")
    return plots


def _value(position: int) -> Callable:
    return lambda trial: trial.values[position]


def plots_page(plots: Mapping[str, go.Figure], title: str) -> str:
    """Put plots onto one page of HTML that needs no network."""
    sections = "".join(
        f'<h2>{html.escape(name)}</h2>\n<div style="overflow-x: auto">'
        f"{figure.to_html(full_html=False, include_plotlyjs=False)}</div>\n"
        for name, figure in plots.items()
    )
    return (
        f'<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8">'
        f"<title>{html.escape(title)}</title><script>{get_plotlyjs()}</script></head>\n"
        f'<body style="font-family: system-ui, sans-serif">\n<h1>{html.escape(title)}</h1>\n{sections}</body>\n</html>\n'
    )
