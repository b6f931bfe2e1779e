"""Grids of hyperparameters, declared in YAML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from pipelines.data.task import Task
from pipelines.errors import InputError

__all__ = ["ParamGrid", "default_grid", "parse_grid", "read_grid"]

ParamGrid = list[dict[str, list[Any]]]

_FORM = (
    "it must be a mapping of hyperparameters to lists of values, a list of such mappings, or a "
    "mapping with 'grids' (one or several of them) and 'fixed' (values for all)"
)


class _Loader(yaml.SafeLoader):
    """Takes 1e-3 for a number, as YAML 1.2 does; in the 1.1 of PyYAML it is text."""


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)[eE][-+]?\d+$"),
    list("-+.0123456789"),
)


def default_grid(task: Task) -> str:
    """The text of the grid that compares the techniques in combinations that obey the rules."""
    return resources.files("pipelines").joinpath("grids", f"{task}.yaml").read_text("utf-8")


def read_grid(path: str | Path) -> str:
    """Read the text of a grid file.

    Raises
    ------
    InputError
        If it cannot be read.
    """
    try:
        return Path(path).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise InputError(f"The grid file {path} cannot be read: {reason}.") from error


def parse_grid(text: str, source: str = "the grid") -> ParamGrid:
    r"""Turn a YAML text into sub-grids as scikit-learn's ``ParameterGrid`` takes them.

    Parameters
    ----------
    text : str
        See README for the format.
    source : str, default="the grid"
        What the error messages call it.

    Returns
    -------
    list of dict of str to list

    Raises
    ------
    InputError
        For text that is not YAML (with the line), or does not have the form of a grid.

    Examples
    --------
    >>> parse_grid("fixed: {epochs: 5}\ngrids: [{activation: [relu, elu]}]")
    [{'epochs': [5], 'activation': ['relu', 'elu']}]
    """
    try:
        content = yaml.load(text, _Loader)  # a SafeLoader
    except (yaml.YAMLError, ValueError) as error:  # ValueError: a date such as 2024-02-30
        raise InputError(_yaml_sentence(error, source)) from error
    fixed: dict[str, Any] = {}
    if isinstance(content, dict) and "grids" in content:
        fixed = content.pop("fixed", None) or {}
        grids = content.pop("grids")
        if content:
            raise InputError(
                f"{source} has {sorted(map(str, content))} beside 'grids' and 'fixed'; {_FORM}."
            )
    else:
        grids = content
    grids = grids if isinstance(grids, list) else [grids]
    parts = [*grids, fixed] if fixed else grids
    if not grids or not all(_is_grid(part) for part in parts):
        raise InputError(f"{source} is not a grid: {_FORM}.")
    return [dict(_lists({**fixed, **grid}, source)) for grid in grids]


def _is_grid(grid: Any) -> bool:
    return isinstance(grid, dict) and bool(grid) and all(isinstance(name, str) for name in grid)


def _lists(grid: dict[str, Any], source: str) -> Iterator[tuple[str, list[Any]]]:
    for name, values in grid.items():
        if isinstance(values, list) and not values:
            raise InputError(f"{source} has no values for {name!r}; give it at least one.")
        yield name, values if isinstance(values, list) else [values]


def _yaml_sentence(error: Exception, source: str) -> str:
    mark = getattr(error, "problem_mark", None)
    where = f" in line {mark.line + 1}, column {mark.column + 1}" if mark else ""
    problem = getattr(error, "problem", None) or " ".join(str(error).split())
    return f"{source} is not YAML{where}: {problem}."
