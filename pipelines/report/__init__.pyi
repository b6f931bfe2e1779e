from .advice import NextSteps, next_steps
from .console import print_verdict
from .elsewhere import helped_elsewhere, recorded_effects
from .inspection import Inspection, inspect_model
from .metric import PrintedMetric, printed_metric
from .page import render_page
from .progress import ProgressBar
from .table import results_table
from .verdict import EnsembleResult, SearchVerdict, judge_search
from .verdict_sentences import constant_caveat, verdict_sentences
from .worth import Worth, worth_of

__all__ = [
    "EnsembleResult",
    "Inspection",
    "NextSteps",
    "PrintedMetric",
    "ProgressBar",
    "SearchVerdict",
    "Worth",
    "constant_caveat",
    "helped_elsewhere",
    "inspect_model",
    "judge_search",
    "next_steps",
    "print_verdict",
    "printed_metric",
    "recorded_effects",
    "render_page",
    "results_table",
    "verdict_sentences",
    "worth_of",
]
