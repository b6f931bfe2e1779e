"""Grids of hyperparameters, declared in YAML."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.errors import InputError
from pipelines.preset import load_preset
from pipelines.yaml_file import parse_yaml, read_yaml_file

if TYPE_CHECKING:
    from pipelines.data import Dataset
    from pipelines.data.task import Task

__all__ = ["ParamGrid", "default_grid", "parse_grid", "read_grid", "with_presets"]

ParamGrid = list[dict[str, list[Any]]]

_LAYERS = "hidden_layer_sizes"
_PRESET = "preset"

_FORM = (
    "it must be a mapping of hyperparameters to lists of values, a list of such mappings, or a "
    "mapping with 'grids' (one or several of them) and 'fixed' (values for all)"
)


def default_grid(task: Task, kind: str = "table") -> str:
    """The text of the grid that compares the techniques in combinations that obey the rules.

    Parameters
    ----------
    task : {"classification", "regression"}
    kind : {"table", "image", "sequence"}, default="table"
        Of the data; sequences have a grid of recurrent networks.

    Returns
    -------
    str
    """
    name = "sequence" if kind == "sequence" else task
    return resources.files("pipelines").joinpath("grids", f"{name}.yaml").read_text("utf-8")


def read_grid(path: str | Path) -> str:
    """Read the text of a grid file.

    Raises
    ------
    InputError
        If it cannot be read.
    """
    return read_yaml_file(path, "grid file")


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

    Warns
    -----
    UserWarning
        Where a list of whole numbers for ``hidden_layer_sizes`` may have been meant as one network.

    Examples
    --------
    >>> parse_grid("fixed: {epochs: 5}\ngrids: [{activation: [relu, elu]}]")
    [{'epochs': [5], 'activation': ['relu', 'elu']}]
    """
    content = parse_yaml(text, source)
    fixed: dict[str, Any] = {}
    if isinstance(content, dict) and "fixed" in content and "grids" not in content:
        raise InputError(
            f"{source} has 'fixed' but no 'grids'; add them, or write the values without 'fixed'."
        )
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
        if name == _LAYERS and isinstance(values, list) and _are_several_widths(values):
            warnings.warn(
                f"{source} lists {len(values)} networks of one hidden layer each with "
                f"{name}: {values}; for one network with these layers write [{values}].",
                UserWarning,
                stacklevel=2,
            )
        yield name, values if isinstance(values, list) else [values]


def _are_several_widths(values: list[Any]) -> bool:
    return len(values) > 1 and all(
        isinstance(value, int) and not isinstance(value, bool) for value in values
    )


def with_presets(grids: ParamGrid, dataset: Dataset) -> ParamGrid:
    """Put in place of a preset that a sub-grid names its values, for a data set.

    What the sub-grid says besides takes the place of the preset's value; one that names several
    presets becomes as many.

    Raises
    ------
    InputError
        If there is no such preset for such data.

    Examples
    --------
    >>> from pipelines.data import load_dataset
    >>> grids = [{"preset": ["plain", "fast"], "dropout": [0.1, 0.3]}, {"epochs": [5]}]
    >>> of_plain, of_fast, as_it_was = with_presets(grids, load_dataset("iris"))
    >>> of_plain["dropout"], of_fast["dropout"], of_fast["weight_averaging"], as_it_was
    ([0.1, 0.3], [0.1, 0.3], ['ema'], {'epochs': [5]})
    """
    expanded: ParamGrid = []
    for grid in grids:
        own = {name: values for name, values in grid.items() if name != _PRESET}
        for preset in grid.get(_PRESET, [None]):
            of_preset = {} if preset is None else load_preset(preset, dataset).hyperparameters
            expanded.append({**{name: [value] for name, value in of_preset.items()}, **own})
    return expanded
