"""The candidates of a space."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from sklearn.base import BaseEstimator, clone
from sklearn.pipeline import Pipeline

from pipelines.errors import InputError
from pipelines.search.evaluation import Candidate
from pipelines.search.hyperparameters import Hyperparameters, as_tuple
from pipelines.search.labels import SELF_EXPLANATORY, label
from pipelines.space import Choice, Domain, Layers, Range, Space
from pipelines.space.domains import same

__all__ = ["SpaceCandidates"]

_SOURCE = "The space"
_FIRST = "The configuration to begin with"

_FEW = 8  # changes that a name can tell in full


class SpaceCandidates:
    """Makes the candidates of a space for a pipeline.

    Parameters
    ----------
    estimator : estimator
        What the hyperparameters belong to.
    space : Space
    beside : mapping of str to object, default={}
        A configuration that need not lie in the space, by hyperparameter; what is not among them is
        as in the estimator. See :meth:`candidate_outside_space`.

    Raises
    ------
    InputError
        For a name that is neither a hyperparameter nor a condition of one, or a value that the
        estimator does not accept.
    """

    def __init__(
        self,
        estimator: BaseEstimator,
        space: Space,
        beside: Mapping[str, Any] = MappingProxyType({}),
    ):
        self.estimator = estimator
        self.space = space
        self._names = Hyperparameters(estimator)
        self._bare = Hyperparameters(_with_defaults(estimator))
        for name in space.names:
            self._check(name)
        self._hyperparameters = {
            name: self._names.short_name(name, source=_SOURCE)
            for name in space.names
            if name in self._names.paths
        }
        self._beside = self._wanted(beside)
        # All candidates of a search tell the same hyperparameters.
        self._told = tuple(dict.fromkeys([*self._hyperparameters.values(), *self._beside]))
        self._varied = {
            short
            for name, short in self._hyperparameters.items()
            if len({entry.domain for entry in space.of(name)}) > 1
            or not space.of(name)[0].domain.is_fixed
            or space.of(name)[0].when
        }

    def candidate(self, number: int, values: Mapping[str, Any]) -> Candidate:
        """Make the candidate of values that were drawn from the space."""
        drawn = {
            short: as_tuple(values[name])
            for name, short in self._hyperparameters.items()
            if name in values
        }
        return self._candidate(number, drawn, self._name_parts(drawn))

    def candidate_outside_space(self, number: int) -> Candidate:
        """Make the candidate of the configuration that need not lie in the space.

        Raises
        ------
        InputError
            For a value that the estimator does not accept.
        """
        words = [*self._name_parts(self._beside), "outside the space"]
        candidate = self._candidate(number, self._beside, words)
        self._names.check(candidate.params, source=_FIRST)
        return candidate

    def _candidate(self, number: int, chosen: Mapping[str, Any], words: list[str]) -> Candidate:
        return Candidate(
            number=number,
            params=self._names.params(chosen),
            hyperparameters=self._full(chosen),
            name=f"#{number} {', '.join(words) or 'trial'}",
        )

    def _full(self, chosen: Mapping[str, Any]) -> dict[str, Any]:
        return {name: chosen.get(name, self._names.defaults[name]) for name in self._told}

    def _name_parts(self, chosen: Mapping[str, Any]) -> list[str]:
        """What a configuration is called: what varies and is not as in the estimator."""
        varied = {name: value for name, value in self._full(chosen).items() if name in self._varied}
        changed = {
            name: value
            for name, value in varied.items()
            if not same(value, self._names.defaults[name])
        }
        if len(changed) > _FEW:
            changed = {
                name: value for name, value in changed.items() if isinstance(value, str | tuple)
            }
        told = changed or {name: varied[name] for name in SELF_EXPLANATORY if name in varied}
        return [label(name, value) for name, value in told.items()]

    def suggestions_for(self, hyperparameters: Mapping[str, Any]) -> dict[str, Any] | None:
        """The suggestions with which a configuration is drawn; None where it is not in the space.

        Raises
        ------
        InputError
            For a name that is no hyperparameter.
        """
        space_names = {short: name for name, short in self._hyperparameters.items()}
        wanted = self._wanted(hyperparameters)
        return self.space.suggestions_for(
            {space_names.get(name, name): value for name, value in wanted.items()},
            defaults={
                space_names.get(name, name): self._names.defaults[name]
                for name in {*wanted, *space_names}
            },
        )

    def _wanted(self, hyperparameters: Mapping[str, Any]) -> dict[str, Any]:
        named = self._names.short_names(hyperparameters, source=_FIRST)
        return {name: as_tuple(value) for name, value in named.items()}

    def _check(self, name: str) -> None:
        domains = [entry.domain for entry in self.space.of(name)]
        if name in self._names.paths:
            for domain in domains:
                for value in _extremes(domain):
                    # In itself: what it is drawn together with are the space's conditions.
                    self._bare.check(self._bare.params({name: value}), source=_SOURCE)
        elif name not in self.space.conditions:
            self._names.short_name(name, source=_SOURCE)  # raises
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


def _with_defaults(estimator: BaseEstimator) -> BaseEstimator:
    """The estimator, or the pipeline with its last step, with all parameters at their defaults."""
    if not isinstance(estimator, Pipeline):
        return type(estimator)()
    name, model = estimator.steps[-1]
    return clone(estimator).set_params(**{name: type(model)()})
