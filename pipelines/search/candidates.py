"""The candidates of a grid."""

from __future__ import annotations

from collections import ChainMap, Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from sklearn.base import BaseEstimator
from sklearn.model_selection import ParameterGrid

from pipelines.errors import InputError
from pipelines.search.evaluation import Candidate
from pipelines.search.hyperparameters import Hyperparameters, as_tuple
from pipelines.search.labels import SELF_EXPLANATORY, label

__all__ = ["make_candidates"]

_MOST_IN_LABEL = 8
_MAX_CANDIDATES = 100_000
_SOURCE = "The grid"


def make_candidates(
    estimator: BaseEstimator,
    grids: Sequence[Mapping[str, Sequence[Any]]],
    named: Mapping[str, Mapping[str, Any]] = MappingProxyType({}),
) -> list[Candidate]:
    """List the configurations of some grids, each once.

    Parameters
    ----------
    estimator : estimator
        What the hyperparameters belong to; see
        :func:`pipelines.pipeline.hyperparameter_paths` for their names.
    grids : sequence of mapping of str to sequence
        Every combination of one grid's values is a configuration.
    named : mapping of str to mapping of str to object
        Further configurations by name, such as presets.

    Returns
    -------
    list of Candidate

    Raises
    ------
    InputError
        For a name that the estimator does not have or that stands there twice, a value that it
        does not accept, more than 100,000 combinations, or nothing at all.
    """
    if not grids:
        raise InputError("The grid is empty; give at least one hyperparameter a list of values.")
    names = Hyperparameters(estimator)
    short = [_short_names(grid, names) for grid in grids]
    combinations = ParameterGrid([*grids])
    if len(combinations) > _MAX_CANDIDATES:
        raise InputError(
            f"The grid has {len(combinations):,} combinations, more than {_MAX_CANDIDATES:,}; list "
            "fewer values, or search a space with the entry point optuna."
        )
    choices = list(_distinct(combinations, dict(ChainMap(*short))))
    of_names = {
        name: {names.short_name(each, source=name): as_tuple(v) for each, v in values.items()}
        for name, values in named.items()
    }
    keys = sorted({name for choice in [*choices, *of_names.values()] for name in choice})
    defaults = {name: names.defaults[name] for name in keys}
    complete = [{**defaults, **choice} for choice in choices]
    varied = [
        name for name in keys if any(choice[name] != complete[0][name] for choice in complete)
    ]
    bases = {name: {**defaults, **own} for name, own in of_names.items()}
    labels = [_name(full, varied, defaults, bases) or "defaults" for full in complete]
    times = Counter([*labels, *of_names])
    candidates = [
        Candidate(
            number=number,
            params=names.params(choice),
            hyperparameters=full,
            # 50 and [50] read the same.
            name=name if times[name] == 1 else f"{name} ({number})",
        )
        for number, (choice, full, name) in enumerate(zip(choices, complete, labels, strict=True))
    ]
    for name, own in of_names.items():
        full = {**defaults, **own}
        candidates.append(Candidate(len(candidates), names.params(own), full, name))
    for candidate in candidates:
        names.check(candidate.params, source=_SOURCE)
    return candidates


def _short_names(grid: Mapping[str, Any], names: Hyperparameters) -> dict[str, str]:
    """Short names by the grid's, no two of which may be the same hyperparameter."""
    short: dict[str, str] = {}
    for name in grid:
        own = names.short_name(name, source=_SOURCE)
        for other, same in short.items():
            if same == own:
                raise InputError(
                    f"The grid names {other!r} and {name!r}, which are the same hyperparameter; "
                    "leave one out."
                )
        short[name] = own
    return short


def _distinct(
    combinations: Iterable[Mapping[str, Any]], short: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    """The combinations under short names, each once."""
    seen: set[Any] = set()
    seen_unhashable: list[dict[str, Any]] = []
    for combination in combinations:
        choice = {short[name]: as_tuple(value) for name, value in combination.items()}
        try:
            key = frozenset(choice.items())
        except TypeError:  # say, a list of callbacks
            if choice not in seen_unhashable:
                seen_unhashable.append(choice)
                yield choice
        else:
            if key not in seen:
                seen.add(key)
                yield choice


def _name(
    hyperparameters: Mapping[str, Any],
    varied: Sequence[str],
    defaults: Mapping[str, Any],
    bases: Mapping[str, Mapping[str, Any]],
) -> str:
    """Name a configuration by what is not a default, and then by its activation and initializer.

    Where there is room for the beginning only, as in MLflow, it is that which tells it apart. One
    that is far from the defaults is named by the named configuration that it is nearest to, and by
    what differs from that.
    """
    named = [
        name
        for name in varied
        if name in SELF_EXPLANATORY or hyperparameters[name] != defaults[name]
    ]
    named.sort(key=lambda name: SELF_EXPLANATORY.index(name) if name in SELF_EXPLANATORY else -1)
    words = [label(name, hyperparameters[name]) for name in named]
    if len(named) > _MOST_IN_LABEL:
        for base, values in bases.items():
            differing = [name for name, own in hyperparameters.items() if own != values[name]]
            if len(differing) < len(words):
                words = [base, *(label(name, hyperparameters[name]) for name in differing)]
    return ", ".join(words)
