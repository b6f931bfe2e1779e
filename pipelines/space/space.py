"""A conditional space of hyperparameters."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pipelines.space.domains import Choice, Domain, Suggest, same

__all__ = ["Entry", "Space"]


@dataclass(frozen=True)
class Entry:
    """The domain of a hyperparameter, and under which condition.

    Attributes
    ----------
    name : str
    domain : Domain
    when : mapping of str to tuple
        Values of other hyperparameters, one of which each must have; empty is always.
    """

    name: str
    domain: Domain
    when: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)


class _NotInSpaceError(Exception):
    """The configuration is not in the space."""


@dataclass(frozen=True)
class Space:
    """What hyperparameters a configuration has, and which values they may take.

    Of several entries for a name the last one whose condition holds counts; where none holds,
    the hyperparameter is not set. A name that is no hyperparameter of the pipeline only serves
    the conditions of others.

    Attributes
    ----------
    entries : tuple of Entry

    Examples
    --------
    >>> from pipelines.space import Choice, Range
    >>> space = Space((
    ...     Entry("optimizer", Choice(("sgd", "adam"))),
    ...     Entry("momentum", Range(0.0, 0.9), when={"optimizer": ("sgd",)}),
    ... ))
    >>> decisions = {"optimizer": "sgd", "momentum": 0.5}
    >>> space.draw(lambda key, domain: decisions[key])
    {'optimizer': 'sgd', 'momentum': 0.5}
    >>> space.draw(lambda key, domain: "adam")
    {'optimizer': 'adam'}
    """

    entries: tuple[Entry, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """All names, in the order in which they were declared."""
        return tuple(dict.fromkeys(entry.name for entry in self.entries))

    @property
    def conditions(self) -> frozenset[str]:
        """Names that the conditions of others refer to."""
        return frozenset(name for entry in self.entries for name in entry.when)

    @property
    def n_varied(self) -> int:
        """How many hyperparameters may have several values."""
        return len({entry.name for entry in self.entries if not entry.domain.is_fixed})

    def of(self, name: str) -> list[Entry]:
        """The entries of a name."""
        return self._by_name.get(name, [])

    def with_fixed(self, **values: Any) -> Space:
        """The same space, with some hyperparameters fixed.

        Examples
        --------
        >>> Space(()).with_fixed(epochs=5).draw(lambda key, domain: None)
        {'epochs': 5}
        """
        others = tuple(entry for entry in self.entries if entry.name not in values)
        return Space((*others, *(Entry(name, Choice((v,))) for name, v in values.items())))

    def draw(self, suggest: Suggest) -> dict[str, Any]:
        """Draw a configuration.

        Parameters
        ----------
        suggest : callable
            Asked for each decision, with a key and a domain. Different domains of one name have
            different keys.

        Returns
        -------
        dict of str to object
            Values by name.
        """
        return self._settle(lambda name, key, domain: domain.draw(key, suggest))

    def suggestions_for(
        self, hyperparameters: Mapping[str, Any], defaults: Mapping[str, Any]
    ) -> dict[str, Any] | None:
        """Find the suggestions with which a configuration is drawn.

        Parameters
        ----------
        hyperparameters : mapping of str to object
        defaults : mapping of str to object
            Values of all hyperparameters that are not set.

        Returns
        -------
        dict of str to object, or None
            Suggestions by key; None where the configuration is not in the space.
        """
        wanted = {**defaults, **hyperparameters}
        auxiliary = [name for name in self.names if name not in defaults]
        options = [
            [v for entry in self.of(name) for v in _values(entry.domain)] for name in auxiliary
        ]
        for values in itertools.product(*options):
            found: dict[str, Any] = {}
            aim = {**wanted, **dict(zip(auxiliary, values, strict=True))}

            def find(name: str, key: str, domain: Domain, aim=aim, found=found) -> Any:
                part = domain.find(key, aim[name])
                if part is None:
                    raise _NotInSpaceError
                found.update(part)
                return aim[name]

            try:
                settled = {**defaults, **self._settle(find)}
            except _NotInSpaceError:
                continue
            if all(same(settled[name], value) for name, value in wanted.items()):
                return found
        return None

    def _settle(self, decide: Callable[[str, str, Domain], Any]) -> dict[str, Any]:
        settled: dict[str, Any] = {}
        passed: set[str] = set()

        def settle(name: str) -> None:
            if name in passed:
                return
            passed.add(name)
            for entry in reversed(self.of(name)):
                if all(holds(other, allowed) for other, allowed in entry.when.items()):
                    settled[name] = decide(name, self._key(entry), entry.domain)
                    return

        def holds(name: str, allowed: tuple[Any, ...]) -> bool:
            settle(name)
            return name in settled and any(same(settled[name], value) for value in allowed)

        for name in self.names:
            settle(name)
        return {name: settled[name] for name in self.names if name in settled}

    @cached_property
    def _by_name(self) -> dict[str, list[Entry]]:
        entries: dict[str, list[Entry]] = {}
        for entry in self.entries:
            entries.setdefault(entry.name, []).append(entry)
        return entries

    def _key(self, entry: Entry) -> str:
        open_domains = {one.domain for one in self.of(entry.name) if not one.domain.is_fixed}
        return entry.name if len(open_domains) < 2 else f"{entry.name} ({entry.domain})"


def _values(domain: Domain) -> tuple[Any, ...]:
    return domain.values if isinstance(domain, Choice) else ()
