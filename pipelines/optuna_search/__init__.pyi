from .importances import importances
from .plots import plots_page, study_plots
from .search import OptunaSearch

__all__ = ["OptunaSearch", "importances", "plots_page", "study_plots"]
