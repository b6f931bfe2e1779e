"""What people look at: progress, verdict, figures and the HTML page."""

from pipelines.report.console import print_verdict
from pipelines.report.elsewhere import helped_elsewhere, recorded_effects
from pipelines.report.inspection import Inspection, inspect_model
from pipelines.report.metric import PrintedMetric, printed_metric
from pipelines.report.next_steps import NextSteps, next_steps
from pipelines.report.page import render_page
from pipelines.report.progress import ProgressBar
from pipelines.report.table import results_table
from pipelines.report.verdict import EnsembleResult, SearchVerdict, judge_search, mean_test_ratio
from pipelines.report.verdict_sentences import verdict_sentences
from pipelines.report.worth import Worth, worth_of

__all__ = [
    "EnsembleResult",
    "Inspection",
    "NextSteps",
    "PrintedMetric",
    "ProgressBar",
    "SearchVerdict",
    "Worth",
    "helped_elsewhere",
    "inspect_model",
    "judge_search",
    "mean_test_ratio",
    "next_steps",
    "print_verdict",
    "printed_metric",
    "recorded_effects",
    "render_page",
    "results_table",
    "verdict_sentences",
    "worth_of",
]
