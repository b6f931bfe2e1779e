from .plots import plots_page, study_plots
from .search import OptunaSearch

__all__ = ["OptunaSearch", "plots_page", "study_plots"]
