"""Searching for the best configuration of a pipeline."""

from pipelines.search.candidates import check_values, make_candidates
from pipelines.search.evaluation import Candidate, Evaluation, FoldResult, evaluate
from pipelines.search.evaluation_json import dump_evaluation, load_evaluation
from pipelines.search.fingerprint import fingerprinted
from pipelines.search.grid_search import GridSearch
from pipelines.search.layers import layer_outputs
from pipelines.search.metrics import check_metrics, score
from pipelines.search.observer import SearchObserver
from pipelines.search.schedule import Recall, evaluate_all
from pipelines.search.splitters import make_splitter

__all__ = [
    "Candidate",
    "Evaluation",
    "FoldResult",
    "GridSearch",
    "Recall",
    "SearchObserver",
    "check_metrics",
    "check_values",
    "dump_evaluation",
    "evaluate",
    "evaluate_all",
    "fingerprinted",
    "layer_outputs",
    "load_evaluation",
    "make_candidates",
    "make_splitter",
    "score",
]
