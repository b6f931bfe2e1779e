"""Searching for the best configuration of a pipeline."""

from pipelines.search.evaluation import Candidate, Evaluation, FoldResult
from pipelines.search.observer import SearchObserver

__all__ = ["Candidate", "Evaluation", "FoldResult", "SearchObserver"]
