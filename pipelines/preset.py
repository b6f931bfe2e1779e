"""Presets: named recipes of hyperparameters, each with its sources."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Any

from pipelines.errors import InputError, check_choice
from pipelines.yaml_file import parse_yaml

if TYPE_CHECKING:
    from pipelines.data import Dataset

__all__ = ["PRESETS", "Preset", "load_preset", "load_variants"]

PRESETS = ("plain", "fast", "strong", "realmlp", "tabm")
SEQUENCE_PRESETS = ("plain", "fast", "strong")


@dataclass(frozen=True)
class Preset:
    """A recipe: what a pipeline is set to.

    Attributes
    ----------
    name : str
    summary : str
        What it is, in a few words.
    sources : tuple of str
        Papers and pages behind it.
    hyperparameters : dict of str to object
        Values by name, for the data set that it was loaded for.
    """

    name: str
    summary: str
    sources: tuple[str, ...]
    hyperparameters: dict[str, Any]


def load_preset(name: str, dataset: Dataset) -> Preset:
    """Load a preset for a data set.

    Its file in ``pipelines/presets`` holds values for every data set, and blocks of further ones
    for a kind of data ("table" or "image"), a task ("classification" or "regression") or fewer
    rows than a number. It may be based on another preset, whose values hold where it has none of
    its own. Sequences, which recurrent networks learn, have files of their own.

    Parameters
    ----------
    name : {"plain", "fast", "strong", "realmlp", "tabm"}
    dataset : Dataset

    Returns
    -------
    Preset

    Raises
    ------
    InputError
        If there is no such preset for such data.

    Examples
    --------
    >>> from pipelines.data import load_dataset
    >>> load_preset("fast", load_dataset("iris")).hyperparameters["learning_rate"]
    0.02
    """
    check_choice("preset", name, PRESETS)
    if dataset.kind == "sequence" and name not in SEQUENCE_PRESETS:
        raise InputError(
            f"The preset {name} is one for tables, but {dataset.name} has sequences; choose one of "
            f"{', '.join(SEQUENCE_PRESETS)}."
        )
    content = _read(name, dataset.kind)
    sources: list[str] = list(content["sources"])
    values: dict[str, Any] = {}
    if "based_on" in content:
        base = load_preset(content["based_on"], dataset)
        sources += [each for each in base.sources if each not in sources]
        values |= base.hyperparameters
    values |= content["values"]
    for block in content.get("blocks", []):
        if _holds(block["when"], dataset):
            values |= block["values"]
    return Preset(name, content["summary"], tuple(sources), values)


def _holds(conditions: Mapping[str, Any], dataset: Dataset) -> bool:
    if len(dataset.y) >= conditions.get("rows_below", math.inf):
        return False
    facts = {"data": dataset.kind, "task": dataset.task}
    return all(conditions.get(name, fact) == fact for name, fact in facts.items())


def load_variants(kind: str = "table") -> list[dict[str, Any]]:
    """Load what a search changes of a preset first, one thing at a time.

    Parameters
    ----------
    kind : {"table", "image", "sequence"}, default="table"
        Of the data.
    """
    return [dict(each) for each in _read("variants", kind)]


def _read(name: str, kind: str) -> Any:
    folder = resources.files("pipelines").joinpath("presets")
    if kind == "sequence":
        folder = folder.joinpath("sequences")
    text = folder.joinpath(f"{name}.yaml").read_text("utf-8")
    return parse_yaml(text, f"the file of presets {name}")
