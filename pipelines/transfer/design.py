"""Designs of studies: one data set whose rows are a source and a target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib import resources
from typing import Any

import numpy as np
import yaml
from sklearn.pipeline import Pipeline

from pipelines.data import Dataset
from pipelines.errors import InputError, check_choice
from pipelines.pipeline import make_pipeline
from pipelines.search.hyperparameters import as_tuple

__all__ = ["RowRule", "SourceDesign", "design_names", "read_design"]


@dataclass(frozen=True)
class RowRule:
    """Which rows of a data set are meant: those of some classes, or on one side of a value.

    Attributes
    ----------
    name : str
        What people call them.
    classes : tuple of object
    column : str or None
    low, high : float or None
        Of the column: from ``low`` on, below ``high``.
    """

    name: str
    classes: tuple[Any, ...] = ()
    column: str | None = None
    low: float | None = None
    high: float | None = None

    def take(self, dataset: Dataset) -> Dataset:
        """The rows that are meant, as a data set of their own.

        Raises
        ------
        InputError
            If there are none.
        """
        chosen = np.ones(len(dataset.X), bool)
        if self.classes:
            chosen &= dataset.y.isin(self.classes).to_numpy()
        if self.column is not None:
            values = dataset.X[self.column].to_numpy(dtype=float)
            chosen &= values >= (-np.inf if self.low is None else self.low)
            chosen &= values < (np.inf if self.high is None else self.high)
        rows = np.flatnonzero(chosen)
        if not rows.size:
            raise InputError(
                f"None of the rows of {dataset.name} are {self.name}; correct classes, column, low "
                "or high of the design."
            )
        official = dataset.test_rows
        return replace(
            dataset,
            name=f"{dataset.name}, {self.name}",
            X=dataset.X.iloc[rows].reset_index(drop=True),
            y=dataset.y.iloc[rows].reset_index(drop=True),
            groups=None,
            times=None,
            test_rows=None if official is None else np.flatnonzero(np.isin(rows, official)),
        )


@dataclass(frozen=True)
class SourceDesign:
    """A source and a target within a data set.

    Attributes
    ----------
    dataset : str
    source, target : RowRule
    hyperparameters : mapping of str to object
        Of the network that learns the source; those of the target's are the same but for epochs.
    shares : tuple of float
        Of the target's training rows.
    epochs : int
        On all of them.
    """

    dataset: str
    source: RowRule
    target: RowRule
    hyperparameters: Mapping[str, Any]
    shares: tuple[float, ...]
    epochs: int

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
    """Read a design of ``pipelines/transfer/designs``.

    Raises
    ------
    InputError
        If there is none of that name.
    """
    check_choice("design", name, design_names())
    file = resources.files("pipelines.transfer").joinpath("designs", f"{name}.yaml")
    declared = yaml.safe_load(file.read_text("utf-8"))
    return SourceDesign(
        dataset=declared["dataset"],
        source=_rule(declared["source"]),
        target=_rule(declared["target"]),
        hyperparameters={key: as_tuple(value) for key, value in declared["fixed"].items()},
        shares=tuple(declared["shares"]),
        epochs=declared["epochs"],
    )


def _rule(declared: Mapping[str, Any]) -> RowRule:
    return RowRule(**{**declared, "classes": tuple(declared.get("classes", ()))})
