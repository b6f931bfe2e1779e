"""From YAML to a space."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, cast

from pipelines.errors import InputError, did_you_mean, listed
from pipelines.space.domains import Choice, Domain, Layers, Range, same
from pipelines.space.space import Entry, Space
from pipelines.yaml_file import parse_yaml, read_yaml_file

if TYPE_CHECKING:
    from pipelines.data.task import Task

__all__ = ["parse_space", "read_space"]

_FORM = (
    "it must be a mapping of hyperparameters to a value, a list of values or a range, beside "
    "'extends' (a space to begin from) and 'blocks' (a list of such mappings, each with a 'when')"
)
_RANGE = "low, high, and at most one of log and step"
_SUITED = "suited"
_DEFAULT = "default"
_KINDS = ("image", "sequence", "table")


def read_space(path: str | Path) -> str:
    """Read the text of a space file.

    Raises
    ------
    InputError
        If it cannot be read.
    """
    return read_yaml_file(path, "space file")


def parse_space(
    text: str,
    source: str = "the space",
    *,
    kind: str = "table",
    task: Task = "classification",
) -> Space:
    r"""Turn a YAML text into a space.

    Parameters
    ----------
    text : str
        See README for the format.
    source : str, default="the space"
        What the error messages call it.
    kind : {"table", "image", "sequence"}, default="table"
        Of the data, for which ``extends: default`` takes the default space.
    task : {"classification", "regression"}, default="classification"
        The same.

    Returns
    -------
    Space

    Raises
    ------
    InputError
        For text that is not YAML (with the line), or does not have the form of a space.

    Examples
    --------
    >>> space = parse_space("activation: [relu, elu]\nlearning_rate: {low: 1e-4, high: 0.1}")
    >>> space.names
    ('activation', 'learning_rate')
    """
    reader = _Reader(source)
    return Space(tuple(reader.suited(_entries(text, reader, kind, task))))


def _entries(text: str, reader: _Reader, kind: str, task: Task) -> list[Entry]:
    content = dict(reader.mapping(parse_yaml(text, reader.source)))
    base = content.pop("extends", None)
    own = list(reader.entries(content)) if content else []
    entries = own
    if base is not None:
        known = (*_KINDS, _DEFAULT)
        if base not in known:
            reader.fail(
                f"extends {base!r}, which there is not{did_you_mean(str(base), known)}; choose "
                f"one of {listed(sorted(known))}"
            )
        kind = kind if base == _DEFAULT else base
        from pipelines.space.default_space import default_space  # which imports the techniques

        inherited = _entries(default_space(kind, task), _Reader(f"the space {kind!r}"), kind, task)
        entries = _narrowed(inherited, own)
    reader.check_conditions(own, entries)
    return entries


def _narrowed(base: Sequence[Entry], own: Sequence[Entry]) -> list[Entry]:
    """The entries of a base with the domains that a file has in their place.

    The base's conditions are kept, and so is what they fix: that is what the rules ask for.
    """
    mine = {entry.name: entry for entry in own if not entry.when}
    kept, replaced = [], set()
    for entry in base:
        if entry.name in mine and not (entry.when and entry.domain.is_fixed):
            replaced.add(entry.name)
            entry = replace(entry, domain=mine[entry.name].domain)
        kept.append(entry)
    new = [entry for entry in mine.values() if entry.name not in replaced]
    return [*new, *kept, *(entry for entry in own if entry.when)]


class _Reader:
    """Reads the parts of a space, and says in one sentence what is wrong with them."""

    def __init__(self, source: str):
        self.source = source

    def fail(self, problem: str) -> NoReturn:
        raise InputError(f"{self.source} {problem}.")

    def mapping(self, content: Any) -> Mapping[str, Any]:
        named = isinstance(content, dict) and all(isinstance(name, str) for name in content)
        if not named or not content:
            self.fail(f"is not a space: {_FORM}")
        return content

    def entries(self, content: Mapping[str, Any]) -> Iterator[Entry]:
        blocks = content.get("blocks", [])
        if not isinstance(blocks, list):
            self.fail("has 'blocks' that are no list; begin each block with a dash")
        for name, spec in content.items():
            if name != "blocks":
                yield Entry(name, self.domain(name, spec))
        for block in blocks:
            rest = dict(self.mapping(block))
            when = rest.pop("when", None)
            if not isinstance(when, dict) or not when or not rest:
                self.fail(
                    "has a block without 'when' or without hyperparameters; write, for example, "
                    "{when: {optimizer: sgd}, momentum: 0.9}"
                )
            condition = {name: _listed(values) for name, values in when.items()}
            for name, spec in rest.items():
                yield Entry(name, self.domain(name, spec), condition)

    def domain(self, name: str, spec: Any) -> Domain:
        if isinstance(spec, dict):
            if set(spec) == {"depth", "width"}:
                return Layers(
                    *(self.counts(f"{name}'s {part}", spec[part]) for part in ("depth", "width"))
                )
            return self.range(name, spec)
        if spec == []:
            self.fail(f"has no values for {name!r}; give it at least one")
        values = _listed(spec)
        if any(isinstance(value, dict) for value in values):
            self.fail(f"has a mapping among the values of {name!r}; list plain values only")
        if any(same(*pair) for i, v in enumerate(values) for pair in ((v, w) for w in values[:i])):
            self.fail(f"has a value of {name!r} twice; leave one out")
        return Choice(values)

    def range(self, name: str, spec: Mapping[Any, Any]) -> Range:
        keys = ("low", "high", "log", "step")
        for key in spec:
            if key not in keys:
                self.fail(
                    f"gives {name!r} the key {key!r}{did_you_mean(str(key), keys)}; a range has "
                    f"{_RANGE}"
                )
        low, high, log, step = (cast(Any, spec.get(key)) for key in keys)
        if not _is_number(low) or not _is_number(high) or not low < high:
            self.fail(f"has no range for {name!r}: low and high must be numbers, low below high")
        if log not in (None, True, False) or (log and (low <= 0 or step is not None)):
            self.fail(f"has a range for {name!r} with log, which needs low above 0 and no step")
        if step is not None:
            steps = (high - low) / step if _is_number(step) and step > 0 else math.nan
            if math.isnan(steps) or not math.isclose(steps, round(steps), abs_tol=1e-9):
                self.fail(f"has a step of {name!r} that does not lead from {low} to {high}")
        return Range(low, high, bool(log), step)

    def counts(self, name: str, spec: Any) -> Choice | Range:
        domain = self.domain(name, spec)
        if isinstance(domain, Range):
            ends: Sequence[Any] = (domain.low, domain.high)
            whole = domain.is_whole
        else:
            ends = domain.values if isinstance(domain, Choice) else (None,)
            whole = all(isinstance(v, int) and not isinstance(v, bool) for v in ends)
        if isinstance(domain, Layers) or not whole or min(ends) < 1:
            self.fail(f"must give {name} as whole numbers of 1 or more")
        return domain

    def check_conditions(self, own: Sequence[Entry], entries: Sequence[Entry]) -> None:
        """Check that each condition can hold, and that none goes round in a circle."""
        space = Space(tuple(entries))
        for entry in own:
            for name, allowed in entry.when.items():
                domains = [other.domain for other in space.of(name)]
                if not domains:
                    self.fail(
                        f"has a block for {name!r}, which the space does not have"
                        f"{did_you_mean(str(name), space.names)}"
                    )
                for value in allowed:
                    if all(domain.find(name, value) is None for domain in domains):
                        known = [v for d in domains if isinstance(d, Choice) for v in d.values]
                        near = did_you_mean(str(value), [v for v in known if isinstance(v, str)])
                        self.fail(
                            f"has a block for {name}={value!r}, a value that {name} never has{near}"
                        )
        for name in space.names:
            if name in self._needed(space, name):
                self.fail(f"decides {name!r} by what depends on it; take out one of the 'when'")

    def _needed(self, space: Space, name: str) -> set[str]:
        """All names that must be known before a name, through others too."""
        needed: set[str] = set()
        waiting = [name]
        while waiting:
            for entry in space.of(waiting.pop()):
                new = set(entry.when) - needed
                needed |= new
                waiting += new
        return needed

    def suited(self, entries: Sequence[Entry]) -> Iterator[Entry]:
        """Put in place of "suited" the initializers that suit each activation."""
        from estimators.techniques.activation import ACTIVATIONS

        activations = [
            value
            for entry in entries
            if entry.name == "activation" and isinstance(entry.domain, Choice)
            for value in entry.domain.values
        ]
        for entry in entries:
            if entry.name != "kernel_initializer" or entry.domain != Choice((_SUITED,)):
                yield entry
                continue
            known = [name for name in dict.fromkeys(activations) if name in ACTIVATIONS]
            if not known:
                self.fail(
                    "has the suited initializers without activations to suit; list values of "
                    "'activation'"
                )
            for names, initializers in _by_suited(known).items():
                when = {**entry.when, "activation": names}
                yield replace(entry, domain=Choice(initializers), when=when)


def _by_suited(activations: Sequence[str]) -> dict[tuple[str, ...], tuple[str, ...]]:
    """Initializers by the activations that they suit.

    Without variance_scaling: what suits is up to its parameters.
    """
    from estimators.techniques.activation import ACTIVATIONS

    groups: dict[tuple[str, ...], list[str]] = {}
    for name in activations:
        suited = ACTIVATIONS[name].suited_initializers - {"variance_scaling"}
        groups.setdefault(tuple(sorted(suited)), []).append(name)
    return {tuple(names): suited for suited, names in groups.items()}


def _listed(values: Any) -> tuple[Any, ...]:
    """Values as a tuple, and those that are lists as tuples too."""
    values = values if isinstance(values, list) else [values]
    return tuple(tuple(value) if isinstance(value, list) else value for value in values)


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)
