"""Groups of candidates, such as an arm of a study with all of its seeds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Group"]


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
