"""What a command that searches has of its own: how it is declared, made and recorded."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

    from pipelines.data import Dataset
    from pipelines.search.base_search import BaseSearch
    from pipelines.statistics import Interval
    from pipelines.tracker import Tracker

__all__ = ["SearchKind"]


class SearchKind(ABC):
    """One way to search, with the options that only it has.

    Attributes
    ----------
    name : str
        Of the command and of the run.
    title : str
        Of the page.
    declaration : str
        Name of the artifact that holds the grid or space.
    n_first : int or None
        How many candidates a search begins with before it draws; None where it draws none.
    objectives : tuple of str
        What is optimized.
    presets : sequence of str or None
        That are compared with the configurations of a grid; None where there is no grid.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    declaration: ClassVar[str]
    n_first: int | None = None
    objectives: tuple[str, ...] = ("score",)
    presets: Sequence[str] | None = None

    @property
    def preset(self) -> str:
        """The recipe of what the grid or space leaves open."""
        return "plain"

    @abstractmethod
    def read(self, dataset: Dataset) -> str:
        """Read and check the grid or space; return its text."""

    @abstractmethod
    def make(self, pipeline: Pipeline, **common: Any) -> BaseSearch:
        """Make the search of what was read, and check it.

        Parameters
        ----------
        pipeline : Pipeline
        **common
            Parameters of both kinds: ``scoring``, ``cv``, ``n_jobs`` and ``n_members``.
        """

    def settings(self, search: BaseSearch) -> dict[str, Any]:
        """The settings that only this kind of search has."""
        return {}

    @abstractmethod
    def resume(self, search: BaseSearch, tracker: Tracker) -> None:
        """Take over what earlier searches have evaluated, and end the runs of dead ones."""

    def results(self, search: BaseSearch, tracker: Tracker) -> dict[str, Any]:
        """Record the results that only this kind has; return facts for the page."""
        return {}

    def importances(self, search: BaseSearch) -> dict[str, Interval]:
        """The share of the score's variance by hyperparameter, of what was drawn."""
        return {}

    def front(self, search: BaseSearch) -> set[int]:
        """Numbers of the candidates that no other one beats in all objectives."""
        return set()
