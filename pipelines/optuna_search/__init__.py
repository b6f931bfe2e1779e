"""Searching with Optuna; the only package that imports it."""

from pipelines.optuna_search.plots import plots_page, study_plots
from pipelines.optuna_search.search import OptunaSearch

__all__ = ["OptunaSearch", "plots_page", "study_plots"]
