"""What may watch a search: progress, tracking, or nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipelines.search.evaluation import Candidate, Evaluation

__all__ = ["SearchObserver", "tell"]


class SearchObserver:
    """Base class of what is told about a search as it runs; every hook does nothing.

    The hooks are called in the searching process only, never in its workers, in an order
    that keeps a candidate's begin before its end. They may be called from several threads.
    """

    def on_search_begin(self, n_candidates: int, n_splits: int) -> None:
        """Called once, before the first candidate."""

    def on_candidate_begin(self, candidate: Candidate) -> None:
        """Called when a candidate is handed to a worker."""

    def on_candidate_end(self, evaluation: Evaluation) -> None:
        """Called when a candidate has been evaluated, has failed or has diverged."""

    def on_candidate_recalled(self, evaluation: Evaluation) -> None:
        """Called, in place of begin and end, for a candidate that an earlier search evaluated."""

    def on_search_end(self) -> None:
        """Called once, after the last candidate and before the refit, or upon an interruption."""


def tell(observers: Iterable[SearchObserver], hook: str, *args: Any) -> None:
    """Call a hook of every observer, in order."""
    for observer in observers:
        getattr(observer, hook)(*args)
