"""The default space, made from the domains that the techniques declare."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

import yaml

from estimators.techniques import (
    CLASSIFIER_TECHNIQUES,
    RECURRENT_CLASSIFIER_TECHNIQUES,
    RECURRENT_REGRESSOR_TECHNIQUES,
    REGRESSOR_TECHNIQUES,
    Technique,
    defaults,
)
from pipelines.data.task import Task
from pipelines.preprocessing import Scaling

__all__ = ["default_space"]

_HEADER = """\
# What a search tries. A value is fixed; of a list one is chosen; a range has low, high and perhaps
# log or step. A block holds where its "when" does, and the last one that holds counts.
"""


def default_space(kind: str, task: Task) -> str:
    """Return the text of the space that is searched where none is given.

    Parameters
    ----------
    kind : {"table", "image", "sequence"}
        Of the data; sequences are for recurrent networks.
    task : {"classification", "regression"}

    Returns
    -------
    str
        YAML, as :func:`parse_space` reads it.
    """
    fixed: dict[str, Any] = {}
    blocks: list[dict[str, Any]] = []
    techniques = (*_techniques(kind, task), Scaling())
    domains = [
        (name, {one: _listed(allowed) for one, allowed in when.items() if one != "data"}, values)
        for name, when, values in _domains(techniques)
        if kind in _listed(when.get("data", kind))
    ]
    tried = _tried(domains, techniques)
    for name, when, values in domains:
        conditions = _possible(when, tried)
        if conditions is None:
            continue
        if conditions:
            blocks.append({"when": conditions, name: values})
        else:
            fixed[name] = values
    return _HEADER + yaml.safe_dump(
        {**fixed, "blocks": blocks}, sort_keys=False, default_flow_style=None, width=100
    )


_Domain: TypeAlias = tuple[str, dict[str, Any], Any]


def _techniques(kind: str, task: Task) -> tuple[Technique, ...]:
    if kind == "sequence":
        return {
            "classification": RECURRENT_CLASSIFIER_TECHNIQUES,
            "regression": RECURRENT_REGRESSOR_TECHNIQUES,
        }[task]
    return {"classification": CLASSIFIER_TECHNIQUES, "regression": REGRESSOR_TECHNIQUES}[task]


def _domains(techniques: Iterable[Technique]) -> Iterator[_Domain]:
    """Names with conditions and values, of all techniques."""
    for technique in techniques:
        declared: Iterable[tuple[str, Any]] = (
            *technique.choices.items(),
            *((one.name, domain) for one in technique.hyperparameters for domain in one.search),
        )
        for name, domain in declared:
            yield name, dict(domain.when), domain.values


def _tried(domains: Iterable[_Domain], techniques: tuple[Technique, ...]) -> dict[str, list[Any]]:
    """The values that a hyperparameter may have, where they can be listed.

    One that no network of the techniques has, or that is never varied, has its default alone,
    where being off is None.
    """
    tried: dict[str, list[Any]] = {}
    for name, _, values in domains:
        known = [None] if isinstance(values, dict) else _listed(values)
        tried[name] = [*tried.get(name, []), *known]
    fixed = {name: [value or None] for name, value in defaults(techniques).items()}
    return fixed | tried


def _possible(
    when: Mapping[str, list[Any]], tried: Mapping[str, list[Any]]
) -> dict[str, Any] | None:
    """A condition without what always holds; None where it never does."""
    conditions: dict[str, Any] = {}
    for name, allowed in when.items():
        values = tried.get(name, [None])
        possible = [value for value in allowed if value in values]
        if not possible:
            return None
        if not all(value in possible for value in values):
            conditions[name] = possible[0] if len(possible) == 1 else possible
    return conditions


def _listed(values: Any) -> list[Any]:
    return list(values) if isinstance(values, list | tuple) else [values]
