"""Groups of candidates, such as an arm of a study with all of its seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipelines.search.evaluation import Candidate, Evaluation
from pipelines.search.observer import SearchObserver, notify

__all__ = ["Group", "GroupProgress"]


@dataclass(frozen=True)
class Group:
    """Candidates that are one thing to people.

    Attributes
    ----------
    number : int
        By which it is known; no candidate and no other group has it.
    name : str
    hyperparameters : mapping of str to object
        What its candidates have in common.
    members : tuple of int
        Numbers of its candidates, each of which may be of several groups.
    """

    number: int
    name: str
    hyperparameters: Mapping[str, Any]
    members: tuple[int, ...]


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
