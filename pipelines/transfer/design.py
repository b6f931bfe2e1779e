"""Designs of studies: one data set whose rows are a source and a target."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from importlib import resources
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from pipelines.data import Dataset
from pipelines.errors import InputError, check_choice
from pipelines.pipeline import make_pipeline
from pipelines.search.hyperparameters import as_tuple
from pipelines.yaml_file import parse_yaml, read_yaml_file

__all__ = ["EPOCHS", "SHARES", "RowRule", "SourceDesign", "design_names", "read_design"]

SHARES = (0.01, 0.03, 0.1, 0.3, 1.0)
"""Of the target's training rows, where nothing else is said."""

EPOCHS = 20
"""On the largest share, where nothing else is said."""

_SUFFIXES = (".yaml", ".yml")
_FORM = (
    "it must be a mapping with 'source' and 'target', each of which has a 'name' and says which "
    "rows it has, by 'classes', or by 'column' with 'values', 'low' or 'high'; and, if need be, "
    "with 'fixed', 'shares', 'epochs' and 'dataset'"
)


@dataclass(frozen=True)
class RowRule:
    """Which rows of a data set are meant: of some classes, or with some values of a column.

    Attributes
    ----------
    name : str
        What people call them.
    classes : tuple of object
    column : str or None
    values : tuple of object
        Of the column; empty for all.
    low, high : float or None
        Of the column: from ``low`` on, below ``high``.
    """

    name: str
    classes: tuple[Any, ...] = ()
    column: str | None = None
    values: tuple[Any, ...] = ()
    low: float | None = None
    high: float | None = None

    def take(self, dataset: Dataset) -> Dataset:
        """The rows that are meant, as a data set of their own.

        Raises
        ------
        InputError
            If there are none, or the data set lacks the column.
        """
        chosen = np.ones(len(dataset.X), bool)
        if self.classes:
            chosen &= dataset.y.isin(self.classes).to_numpy()
        if self.column is not None:
            chosen &= self._has_values(dataset)
        rows = np.flatnonzero(chosen)
        if not rows.size:
            raise InputError(
                f"None of the rows of {dataset.name} are {self.name}; correct classes, column, "
                "values, low or high of the design."
            )
        official = dataset.test_rows
        parts = {name: getattr(dataset, name) for name in ("X", "y", "groups", "times")}
        return replace(
            dataset,
            name=f"{dataset.name}, {self.name}",
            test_rows=None if official is None else np.flatnonzero(np.isin(rows, official)),
            **{
                name: part.iloc[rows].reset_index(drop=True)
                for name, part in parts.items()
                if part is not None
            },
        )

    def _has_values(self, dataset: Dataset) -> np.ndarray:
        """Of each row whether its value of the column is meant."""
        check_choice("column", str(self.column), [str(name) for name in dataset.X])
        column = dataset.X[self.column]
        chosen = np.ones(len(column), bool)
        if self.values:
            chosen &= column.isin(self.values).to_numpy()
        if self.low is None and self.high is None:
            return chosen
        if not pd.api.types.is_numeric_dtype(column):
            raise InputError(
                f"The column {self.column} of {dataset.name} has no numbers, so that low and high "
                "say nothing of it; give 'values' in the design."
            )
        numbers = column.to_numpy(dtype=float)
        chosen &= numbers >= (-np.inf if self.low is None else self.low)
        chosen &= numbers < (np.inf if self.high is None else self.high)
        return chosen


@dataclass(frozen=True)
class SourceDesign:
    """A source and a target within a data set.

    Attributes
    ----------
    dataset : str or None
        None for the one that is given with the design.
    source, target : RowRule
    hyperparameters : mapping of str to object
        Of the network that learns the source; those of the target's are the same but for epochs.
    shares : tuple of float
        Of the target's training rows.
    epochs : int
        On all of them.
    """

    dataset: str | None
    source: RowRule
    target: RowRule
    hyperparameters: Mapping[str, Any]
    shares: tuple[float, ...] = SHARES
    epochs: int = EPOCHS

    def fit_source(self, dataset: Dataset, random_state: int = 0) -> Pipeline:
        """Train the network of the source, on its rows but those of an official test set."""
        source = self.source.take(dataset)
        if source.test_rows is not None:
            source, _ = source.split()
        pipeline = make_pipeline(
            source, preset="plain", random_state=random_state, **self.hyperparameters
        )
        fitted: Pipeline = pipeline.fit(source.X, source.y)
        return fitted


def design_names() -> list[str]:
    """Names of the designs that there are."""
    folder = resources.files("pipelines.transfer").joinpath("designs")
    return sorted(file.name.removesuffix(".yaml") for file in folder.iterdir())


def read_design(name: str) -> SourceDesign:
    """Read a design: one of ``pipelines/transfer/designs``, or a YAML file of the same form.

    Raises
    ------
    InputError
        If there is none of that name, or the file is none.
    """
    if name.endswith(_SUFFIXES):
        source, text = f"The design file {name}", read_yaml_file(name, "design file")
    else:
        check_choice("design", name, design_names())
        file = resources.files("pipelines.transfer").joinpath("designs", f"{name}.yaml")
        source, text = f"The design {name}", file.read_text("utf-8")
    declared = parse_yaml(text, source)
    known = {"dataset", "source", "target", "fixed", "shares", "epochs"}
    if not (isinstance(declared, dict) and {"source", "target"} <= {*declared} <= known):
        raise InputError(f"{source} is not a design: {_FORM}.")
    numbers: dict[str, Any] = {}
    if "shares" in declared:
        numbers["shares"] = tuple(_listed(declared["shares"]))
        _check_numbers("shares", numbers["shares"], source)
    if "epochs" in declared:
        numbers["epochs"] = declared["epochs"]
        _check_numbers("epochs", [numbers["epochs"]], source)
    return SourceDesign(
        dataset=declared.get("dataset"),
        source=_rule(declared["source"], source),
        target=_rule(declared["target"], source),
        hyperparameters={
            key: as_tuple(value) for key, value in (declared.get("fixed") or {}).items()
        },
        **numbers,
    )


def _rule(declared: Any, source: str) -> RowRule:
    known = {field.name for field in fields(RowRule)}
    if not (isinstance(declared, dict) and "name" in declared and {*declared} <= known):
        raise InputError(f"{source} is not a design: {_FORM}.")
    for end in {"low", "high"} & {*declared}:
        _check_numbers(end, [declared[end]], source)
    several = {name: tuple(_listed(declared.get(name, ()))) for name in ("classes", "values")}
    return RowRule(**{**declared, **several})


def _listed(values: Any) -> list[Any]:
    return list(values) if isinstance(values, list | tuple) else [values]


def _check_numbers(key: str, values: Iterable[Any], source: str) -> None:
    for value in values:
        if isinstance(value, bool) or not isinstance(value, Real):
            raise InputError(f"{source} has {value!r} as {key}, which must be a number; write one.")
