from .activation_statistics import activation_statistics
from .baselines import (
    BASELINES,
    BaselineResult,
    evaluate_baseline,
    evaluated_baselines,
    worth_a_process,
)
from .candidates import make_candidates
from .cross_validation import EpochHook, evaluate
from .evaluation import Candidate, Evaluation, FoldResult, dump_evaluation, load_evaluation
from .fingerprint import fingerprinted
from .grid_search import GridSearch
from .group import Group
from .metrics import check_metrics, score, scorer_for
from .observer import EpochWriter, SearchObserver
from .parallel_evaluation import FindEvaluations, evaluate_all
from .real_steps import as_rows
from .splitters import make_splitter

__all__ = [
    "BASELINES",
    "BaselineResult",
    "Candidate",
    "EpochHook",
    "EpochWriter",
    "Evaluation",
    "FindEvaluations",
    "FoldResult",
    "GridSearch",
    "Group",
    "SearchObserver",
    "activation_statistics",
    "as_rows",
    "check_metrics",
    "dump_evaluation",
    "evaluate",
    "evaluate_all",
    "evaluate_baseline",
    "evaluated_baselines",
    "fingerprinted",
    "load_evaluation",
    "make_candidates",
    "make_splitter",
    "score",
    "scorer_for",
    "worth_a_process",
]
