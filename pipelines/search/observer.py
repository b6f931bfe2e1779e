"""What may watch a search: a progress bar, a tracker, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from pipelines.search.evaluation import Candidate, Evaluation

__all__ = ["EpochWriter", "SearchObserver", "epoch_writers", "notify"]

EpochWriter: TypeAlias = Callable[[int, Mapping[str, float]], None]
"""Takes the number of an epoch, from 1, and the mean over the folds of its loss and metrics."""


class SearchObserver:
    """Base class of the observers of a search; every hook does nothing.

    The hooks are called in the searching process only, never in its workers, in an order
    that keeps a candidate's begin before its end. They may be called from several threads.
    """

    def on_search_begin(self, n_candidates: int, n_splits: int) -> None:
        """Called once, before the first candidate."""

    def on_candidate_begin(self, candidate: Candidate) -> None:
        """Called when a candidate goes to a worker."""

    def epoch_writer(self, candidate: Candidate) -> EpochWriter | None:
        """Return what a candidate's worker calls after each epoch, or None for nothing.

        Asked for before the candidate begins. It must be picklable: it goes to the worker with the
        candidate, and is called there with the number of the epoch, from 1, and the mean over the
        folds of loss and metrics; from 1 again where a candidate is tried once more.
        """
        return None

    def on_candidate_end(self, evaluation: Evaluation) -> None:
        """Called when a candidate has been evaluated, has failed or has diverged."""

    def on_candidate_resumed(self, evaluation: Evaluation) -> None:
        """Called, in place of begin and end, for a candidate that an earlier search evaluated."""

    def on_search_end(self) -> None:
        """Called once, after the last candidate and before the refit, or upon an interruption."""


def notify(observers: Iterable[SearchObserver], hook: str, *args: Any) -> None:
    """Call a hook of every observer, in order."""
    for observer in observers:
        getattr(observer, hook)(*args)


def epoch_writers(
    observers: Iterable[SearchObserver], candidate: Candidate
) -> tuple[EpochWriter, ...]:
    """The epoch writers that observers have for a candidate."""
    writers = (observer.epoch_writer(candidate) for observer in observers)
    return tuple(writer for writer in writers if writer is not None)
