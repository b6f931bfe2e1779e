"""What may watch a search: a progress bar, a tracker, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from pipelines.search.evaluation import Candidate, Evaluation
    from pipelines.search.group import Group

__all__ = ["EpochWriter", "GroupProgress", "SearchObserver", "epoch_writers", "notify"]

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

    def on_group_begin(self, group: Group) -> None:
        """Called before the first candidate of a group begins or is resumed."""

    def on_group_end(self, group: Group, evaluations: Sequence[Evaluation]) -> None:
        """Called after the last candidate of a group, with all of its evaluations in order."""

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


class GroupProgress:
    """Tells observers of groups: each begins before its first candidate, and ends after its last.

    Parameters
    ----------
    groups : sequence of Group
    observers : sequence of SearchObserver
    """

    def __init__(self, groups: Sequence[Group], observers: Sequence[SearchObserver]):
        self._groups = groups
        self._observers = observers
        self._begun: set[int] = set()
        self._ended: dict[int, Evaluation] = {}

    def begin(self, candidate: Candidate) -> None:
        """Begin the groups of a candidate that have not begun."""
        for group in self._groups:
            if candidate.number in group.members and group.number not in self._begun:
                self._begun.add(group.number)
                notify(self._observers, "on_group_begin", group)

    def end(self, evaluation: Evaluation) -> None:
        """End the groups for which this was the last evaluation."""
        number = evaluation.candidate.number
        self._ended[number] = evaluation
        for group in self._groups:
            if number in group.members and self._ended.keys() >= set(group.members):
                members = tuple(self._ended[member] for member in group.members)
                notify(self._observers, "on_group_end", group, members)
