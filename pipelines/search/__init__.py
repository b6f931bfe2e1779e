"""Searching for the best configuration of a pipeline."""

from pipelines.search.candidates import make_candidates
from pipelines.search.evaluation import Candidate, Evaluation, FoldResult, evaluate
from pipelines.search.grid_search import GridSearch
from pipelines.search.metrics import check_metrics, score
from pipelines.search.observer import SearchObserver
from pipelines.search.splitters import make_splitter

__all__ = [
    "Candidate",
    "Evaluation",
    "FoldResult",
    "GridSearch",
    "SearchObserver",
    "check_metrics",
    "evaluate",
    "make_candidates",
    "make_splitter",
    "score",
]
