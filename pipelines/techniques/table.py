"""The published tables: their rows as described, as run, and their figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import resources
from typing import Any, Literal

import yaml

from pipelines.data import Dataset
from pipelines.data.task import Task
from pipelines.errors import check_choice
from pipelines.search.hyperparameters import as_tuple

__all__ = [
    "PUBLISHED_TABLES",
    "Published",
    "Row",
    "Table",
    "Variant",
    "choose_rows",
    "declared",
    "table_for",
]

Variant = Literal["as described", "as run"]

PUBLISHED_TABLES = ("fashion_mnist", "california_housing")

_BY_TASK: dict[Task, str] = {
    "classification": "fashion_mnist",
    "regression": "california_housing",
}


@dataclass(frozen=True)
class Published:
    """Figures of one published run.

    Attributes
    ----------
    train, validation : float
        Accuracy as a share, or mean squared error in the target's unit squared.
    seconds : float or None
        Wall time of the fit, where it was given.
    """

    train: float
    validation: float
    seconds: float | None = None


@dataclass(frozen=True)
class Row:
    """One row of a table.

    Attributes
    ----------
    name : str
        What ``rows=`` knows it by.
    label : str
        What people read.
    as_described : mapping of str to object
        The hyperparameters that the published table names.
    as_run : mapping of str to object
        Those that were really run.
    published : Published or None
        What the table says; None for data that nothing was published on.
    output : Published or None
        What the notebook shows, where the table says something else.
    discrepancy : str
        In what the two sets of hyperparameters differ, in one sentence; empty where they do not.
    """

    name: str
    label: str
    as_described: Mapping[str, Any]
    as_run: Mapping[str, Any]
    published: Published | None = None
    output: Published | None = None
    discrepancy: str = ""

    @property
    def differs(self) -> bool:
        """Whether something else was run than was described."""
        return self.as_run != self.as_described

    def hyperparameters(self, variant: Variant) -> Mapping[str, Any]:
        """The row's hyperparameters, as described or as run."""
        return self.as_run if variant == "as run" else self.as_described


@dataclass(frozen=True)
class Table:
    """A comparison of techniques.

    Attributes
    ----------
    rows : tuple of Row
    baseline : str
        Name of the row that the others are compared with.
    fixed : mapping of str to object
        Hyperparameters of every row, unless the row has its own.
    is_published : bool
        Whether there are published figures on the data set.
    """

    rows: tuple[Row, ...]
    baseline: str
    fixed: Mapping[str, Any]
    is_published: bool

    def __getitem__(self, name: str) -> Row:
        return next(row for row in self.rows if row.name == name)


def table_for(dataset: Dataset) -> Table:
    """Return the table that is run on a data set.

    Fashion-MNIST and California housing have the published ones. Other data get the rows of the
    one that has their task, as described and without figures.

    Parameters
    ----------
    dataset : Dataset

    Returns
    -------
    Table

    Examples
    --------
    >>> from pipelines.data import load_dataset
    >>> table = table_for(load_dataset("wine"))
    >>> table["selu"].as_described["kernel_initializer"], table["selu"].published
    ('lecun_normal', None)
    """
    home = _BY_TASK[dataset.task]
    table = _read(home)
    if dataset.name == home:
        return table
    rows = tuple(
        replace(row, as_run=row.as_described, published=None, output=None, discrepancy="")
        for row in table.rows
    )
    return Table(rows, table.baseline, {**table.fixed, **declared(home)["elsewhere"]}, False)


def choose_rows(table: Table, names: Sequence[str]) -> Table:
    """Keep some rows, and the baseline in any case.

    Parameters
    ----------
    table : Table
    names : sequence of str
        Names of rows; empty for all.

    Returns
    -------
    Table

    Raises
    ------
    InputError
        For a name that the table does not have.
    """
    known = [row.name for row in table.rows]
    for name in names:
        check_choice("row", name, known)
    kept = {*names, table.baseline} if names else set(known)
    return replace(table, rows=tuple(row for row in table.rows if row.name in kept))


def _read(name: str) -> Table:
    told = declared(name)
    return Table(
        rows=tuple(_row(row, own) for row, own in told["rows"].items()),
        baseline=told["baseline"],
        fixed={name: as_tuple(value) for name, value in told["fixed"].items()},
        is_published=True,
    )


def declared(name: str) -> dict[str, Any]:
    """What a file of ``tables`` declares."""
    path = resources.files("pipelines.techniques").joinpath("tables", f"{name}.yaml")
    return yaml.safe_load(path.read_text("utf-8"))


def _row(name: str, told: Mapping[str, Any]) -> Row:
    return Row(
        name=name,
        label=told["label"],
        as_described=told["as_described"],
        as_run=told.get("as_run", told["as_described"]),
        published=Published(**told["published"]),
        output=Published(**told["output"]) if "output" in told else None,
        discrepancy=told.get("discrepancy", ""),
    )
