"""What people look at: progress, the ranked table, figures and the HTML page."""

from pipelines.report.page import render_page
from pipelines.report.progress import ProgressBar
from pipelines.report.table import print_results, results_table

__all__ = ["ProgressBar", "print_results", "render_page", "results_table"]
