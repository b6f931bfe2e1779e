"""From grids to candidates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from numbers import Number
from typing import Any

from sklearn.base import BaseEstimator, clone
from sklearn.model_selection import ParameterGrid

from pipelines.errors import InputError, did_you_mean
from pipelines.pipeline import hyperparameter_paths, shortest_names
from pipelines.search.evaluation import Candidate

__all__ = ["check_values", "make_candidates", "plain", "unknown_name"]

_ALWAYS_TOLD = ("activation", "kernel_initializer")


def make_candidates(
    estimator: BaseEstimator, grids: Sequence[Mapping[str, Sequence[Any]]]
) -> list[Candidate]:
    """List the configurations of some grids, each once.

    Parameters
    ----------
    estimator : estimator
        What the hyperparameters belong to; see
        :func:`pipelines.pipeline.hyperparameter_paths` for their names.
    grids : sequence of mapping of str to sequence
        Every combination of one grid's values is a configuration.

    Returns
    -------
    list of Candidate

    Raises
    ------
    InputError
        For a name that the estimator does not have or that stands there twice, a value that it
        cannot take, or nothing at all.
    """
    if not grids:
        raise InputError("The grid is empty; give at least one hyperparameter a list of values.")
    paths = hyperparameter_paths(estimator)
    for grid in grids:
        _check_names(grid, paths)
    shortest = shortest_names(paths)
    named = list(
        # Under the shortest names, so that a path and a name are the same.
        _unique(
            {shortest[paths[name]]: plain(value) for name, value in choice.items()}
            for choice in ParameterGrid(list(grids))
        )
    )
    defaults = estimator.get_params(deep=True)
    keys = sorted({name for choice in named for name in choice})
    usual = {name: plain(defaults[paths[name]]) for name in keys}
    complete = [{**usual, **choice} for choice in named]
    varied = [
        name for name in keys if any(choice[name] != complete[0][name] for choice in complete)
    ]
    labels = [_label(full, varied, usual) or "defaults" for full in complete]
    times = Counter(labels)
    candidates = [
        Candidate(
            number=number,
            params={paths[name]: value for name, value in choice.items()},
            hyperparameters=full,
            # 50 and [50] read the same.
            name=label if times[label] == 1 else f"{label} ({number})",
        )
        for number, (choice, full, label) in enumerate(zip(named, complete, labels, strict=True))
    ]
    for candidate in candidates:
        check_values(estimator, candidate, source="The grid")
    return candidates


def _check_names(grid: Mapping[str, Any], paths: Mapping[str, str]) -> None:
    meant: dict[str, str] = {}
    for name in grid:
        if name not in paths:
            raise unknown_name(name, paths, source="The grid")
        if meant.setdefault(paths[name], name) != name:
            raise InputError(
                f"The grid names {meant[paths[name]]!r} and {name!r}, which are the same "
                "hyperparameter; leave one out."
            )


def unknown_name(name: str, paths: Mapping[str, str], *, source: str) -> InputError:
    """What to raise for a name that is no hyperparameter, found in a source."""
    return InputError(
        f"{source} names {name!r}, which is no hyperparameter"
        f"{did_you_mean(str(name), paths)}; the table in README lists them."
    )


def plain(value: Any) -> Any:
    """A list of numbers, such as YAML has for layers, as the tuple that a default is."""
    if isinstance(value, list) and all(isinstance(item, Number) for item in value):
        return tuple(value)
    return value


def _unique(choices: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    seen = []
    for choice in choices:
        if choice not in seen:
            seen.append(choice)
            yield choice


def _label(
    hyperparameters: Mapping[str, Any], varied: Sequence[str], usual: Mapping[str, Any]
) -> str:
    """Name a configuration by its activation and initializer and by what is unusual in it."""
    telling = [
        name for name in varied if name in _ALWAYS_TOLD or hyperparameters[name] != usual[name]
    ]
    telling.sort(key=lambda name: _ALWAYS_TOLD.index(name) if name in _ALWAYS_TOLD else 9)
    return ", ".join(_words(name, hyperparameters[name]) for name in telling)


def _words(name: str, value: Any) -> str:
    if name in _ALWAYS_TOLD:
        return str(value)
    if value is None or isinstance(value, bool):
        return name if value else f"no {name}"
    if isinstance(value, tuple):
        value = "-".join(map(str, value))
    return f"{name} {value}"


def check_values(estimator: BaseEstimator, candidate: Candidate, *, source: str) -> None:
    """Check a candidate's values against what the estimator and its parts can take.

    Parameters
    ----------
    estimator : estimator
    candidate : Candidate
    source : str
        What the error message calls the place where the values are from.

    Raises
    ------
    InputError
        For a value that a part cannot take.
    """
    configured = clone(estimator).set_params(**candidate.params)
    parts = [configured, *configured.get_params(deep=True).values()]
    for part in parts:
        if isinstance(part, BaseEstimator) and hasattr(part, "_parameter_constraints"):
            try:
                part._validate_params()
            except ValueError as error:
                faults = " ".join(str(error).split())
                raise InputError(f"{source} has an impossible value: {faults}") from error
