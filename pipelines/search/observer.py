"""What may watch a search: progress, tracking, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipelines.search.evaluation import Candidate, Evaluation

__all__ = ["EpochWriter", "SearchObserver", "tell"]

EpochWriter = Callable[[int, Mapping[str, float]], None]
"""Is told the number of an epoch, from 1, and the means over the folds of loss and metrics."""


class SearchObserver:
    """Base class of what is told about a search as it runs; every hook does nothing.

    The hooks are called in the searching process only, never in its workers, in an order
    that keeps a candidate's begin before its end. They may be called from several threads.
    """

    def on_search_begin(self, n_candidates: int, n_splits: int) -> None:
        """Called once, before the first candidate."""

    def on_candidate_begin(self, candidate: Candidate) -> None:
        """Called when a candidate is handed to a worker."""

    def epoch_writer(self, candidate: Candidate) -> EpochWriter | None:
        """Called when a candidate is handed to a worker; what it returns goes there by pickle.

        The worker calls it after each epoch.
        """
        return None

    def on_candidate_end(self, evaluation: Evaluation) -> None:
        """Called when a candidate has been evaluated, has failed or has diverged."""

    def on_candidate_resumed(self, evaluation: Evaluation) -> None:
        """Called, in place of begin and end, for a candidate that an earlier search evaluated."""

    def on_search_end(self) -> None:
        """Called once, after the last candidate and before the refit, or upon an interruption."""


def tell(observers: Iterable[SearchObserver], hook: str, *args: Any) -> None:
    """Call a hook of every observer, in order."""
    for observer in observers:
        getattr(observer, hook)(*args)
