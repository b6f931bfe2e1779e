"""What people look at: progress, verdict, figures and the HTML page."""

from pipelines.report.console import print_verdict
from pipelines.report.metric import PrintedMetric, printed_metric
from pipelines.report.page import render_page
from pipelines.report.progress import ProgressBar
from pipelines.report.table import results_table
from pipelines.report.verdict import SearchVerdict, judge_search
from pipelines.report.verdict_sentences import verdict_sentences

__all__ = [
    "PrintedMetric",
    "ProgressBar",
    "SearchVerdict",
    "judge_search",
    "print_verdict",
    "printed_metric",
    "render_page",
    "results_table",
    "verdict_sentences",
]
