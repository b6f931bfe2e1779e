"""From a space to candidates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sklearn.base import BaseEstimator

from pipelines.errors import InputError, did_you_mean
from pipelines.pipeline import hyperparameter_paths, shortest_names
from pipelines.search.candidates import check_values, plain, unknown_name
from pipelines.search.evaluation import Candidate
from pipelines.space import Choice, Domain, Layers, Range, Space

__all__ = ["DrawnCandidates"]


class DrawnCandidates:
    """Makes the candidates of a space for a pipeline.

    Parameters
    ----------
    estimator : estimator
        What the hyperparameters belong to.
    space : Space

    Raises
    ------
    InputError
        For a name that is neither a hyperparameter nor a condition of one, or a value that the
        estimator cannot take.
    """

    def __init__(self, estimator: BaseEstimator, space: Space):
        self.estimator = estimator
        self.space = space
        self._paths = hyperparameter_paths(estimator)
        self._shortest = shortest_names(self._paths)
        defaults = estimator.get_params(deep=True)
        self._usual = {name: plain(defaults[path]) for path, name in self._shortest.items()}
        for name in space.names:
            self._check(name)

    @property
    def hyperparameters(self) -> list[str]:
        """Names in the space that are hyperparameters, as people read them."""
        return [self._short(name) for name in self.space.names if name in self._paths]

    def candidate(self, number: int, drawn: Mapping[str, Any]) -> Candidate:
        """Make the candidate of what was drawn from the space."""
        values = {self._short(name): plain(v) for name, v in drawn.items() if name in self._paths}
        full = {name: values.get(name, self._usual[name]) for name in self.hyperparameters}
        words = [_words(value) for value in full.values() if isinstance(value, str | tuple)]
        return Candidate(
            number=number,
            params={self._paths[name]: value for name, value in values.items()},
            hyperparameters=full,
            name=f"{', '.join(words) or 'trial'} ({number})",
        )

    def locate(self, hyperparameters: Mapping[str, Any]) -> dict[str, Any] | None:
        """Say what must be suggested for a configuration; None where it is not in the space."""
        wanted = {self._short(name): plain(value) for name, value in hyperparameters.items()}
        renamed = {self._short(name): name for name in self.space.names if name in self._paths}
        usual = {renamed.get(name, name): self._usual[name] for name in {*wanted, *renamed}}
        return self.space.locate({renamed.get(n, n): value for n, value in wanted.items()}, usual)

    def _short(self, name: str) -> str:
        if name not in self._paths:
            raise InputError(
                f"The configuration to begin with names {name!r}, which is no hyperparameter"
                f"{did_you_mean(name, self._paths)}."
            )
        return self._shortest[self._paths[name]]

    def _check(self, name: str) -> None:
        domains = [entry.domain for entry in self.space.of(name)]
        if name in self._paths:
            for domain in domains:
                for value in _extremes(domain):
                    alone = Candidate(0, {self._paths[name]: value}, {}, name)
                    check_values(self.estimator, alone, source="The space")
        elif name not in self.space.conditions:
            raise unknown_name(name, self._paths, source="The space")
        elif not all(isinstance(domain, Choice) for domain in domains):
            raise InputError(
                f"The space has a range for {name!r}, which only decides about others; give it a "
                "list of values."
            )


def _extremes(domain: Domain) -> tuple[Any, ...]:
    match domain:
        case Choice(values):
            return values
        case Range(low, high):
            return low, high
        case Layers(_, width):
            return tuple((size,) for size in _extremes(width))


def _words(value: Any) -> str:
    return "-".join(map(str, value)) if isinstance(value, tuple) else value
