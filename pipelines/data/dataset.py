"""A data set as the rest of the package sees it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from numbers import Real
from typing import Literal

import numpy as np
import pandas as pd

from pipelines.data.digest import data_digest
from pipelines.data.duplicates import first_rows
from pipelines.data.finding import Finding
from pipelines.data.step_order import StepOrder
from pipelines.data.step_targets import each_target, is_by_step, target_name
from pipelines.data.task import Task, regression_remedy
from pipelines.errors import InputError, listed

__all__ = ["Dataset"]


@dataclass(frozen=True, eq=False)
class Dataset:
    """Rows to learn from, and what is known about them.

    Attributes
    ----------
    name : str
        Name in the registry (``"digits"``), or the stem of the user's file.
    X : DataFrame of shape (n_rows, n_columns)
        Features: numbers, booleans, text or dates, each with a name of its own. Target and group
        column are not among them.
    y : Series of length n_rows, or DataFrame of shape (n_rows, n_steps)
        The target: float64 for regression; text, whole numbers or booleans for classification. The
        table is one of a target in each step of sequences, see
        :func:`pipelines.data.step_targets.pad_targets`.
    task : {"classification", "regression"}
        What is to be learned.
    kind : {"table", "image", "sequence"}
        Of an image every column is a pixel of dtype uint8 between 0 and `pixel_max`. Of a sequence
        the columns are its steps, all channels of a step side by side; shorter sequences end in
        nan.
    source : str
        Where the data came from: an address, ``"scikit-learn"`` or the file's path.
    groups : Series of length n_rows, or None
        Rows of one group never stand on both sides of a split.
    times : Series of length n_rows, or None
        When each row was, as dates or numbers, in order: rows held out are later than the others.
    test_rows : ndarray of int, or None
        Positions of the official test set; None where there is none.
    image_shape : tuple of int, or None
        Height and width of an image in pixels.
    pixel_max : int, or None
        The value of a pixel at full intensity.
    channels : tuple of str
        Names of the channels of sequences, in the order of the columns of a step.
    step_order : StepOrder or None
        What orders the steps of sequences in the file that they come from.
    dates : mapping of str to str
        Formats of the columns that hold dates, see :func:`pipelines.data.dates.date_format`.
    findings : tuple of Finding
        What was found when the data was looked at, see :mod:`pipelines.data.judgement`.
    duplicates_together : bool
        Whether rows that are equal stand on one side of each split.
    """

    name: str
    X: pd.DataFrame
    y: pd.Series | pd.DataFrame
    task: Task
    kind: Literal["table", "image", "sequence"]
    source: str
    groups: pd.Series | None = None
    times: pd.Series | None = None
    test_rows: np.ndarray | None = None
    image_shape: tuple[int, int] | None = None
    pixel_max: int | None = None
    channels: tuple[str, ...] = ()
    step_order: StepOrder | None = None
    dates: Mapping[str, str] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    duplicates_together: bool = False

    @property
    def numeric_columns(self) -> list[str]:
        """Names of the columns that hold numbers, in order."""
        other = {*self.categorical_columns, *self.dates}
        return [name for name in self.X.columns if name not in other]

    @property
    def categorical_columns(self) -> list[str]:
        """Names of the columns that hold text or booleans, in order."""
        return [
            name
            for name, dtype in self.X.dtypes.items()
            if name not in self.dates
            and (pd.api.types.is_bool_dtype(dtype) or not pd.api.types.is_numeric_dtype(dtype))
        ]

    @property
    def target(self) -> str:
        """The name of the target."""
        return target_name(self.y)

    @property
    def by_step(self) -> bool:
        """Whether each step of a sequence has a target of its own."""
        return is_by_step(self.y)

    @cached_property
    def targets(self) -> pd.Series:
        """The targets that count, one below the other: `y`, or those of all real steps."""
        return each_target(self.X, self.y)

    @property
    def stratified(self) -> bool:
        """Whether splits keep the shares of the classes, as they can where a row has one class."""
        return self.task == "classification" and not self.by_step

    @property
    def sequences(self) -> np.ndarray:
        """Sequences as the recurrent estimators take them, of shape (n_rows, n_steps, n_channels).

        Examples
        --------
        >>> from pipelines.data import load_dataset
        >>> load_dataset("adding_50").sequences.shape
        (6000, 50, 2)
        """
        return self.X.to_numpy().reshape(len(self.X), -1, len(self.channels))

    @cached_property
    def digest(self) -> str:
        """Sixteen hexadecimal digits of a SHA-256 over contents, column names and dtypes.

        The order of rows and columns counts; name, source and task do not. It is the same in
        every process.
        """
        return data_digest(self.X, self.y, self.groups)

    def split(self, test_size: float = 0.2, random_state: int = 0) -> tuple[Dataset, Dataset]:
        """Split into the rows to develop on and the rows to test on, once, at the end.

        The official test set is taken where there is one. Else the latest rows are the test set
        where times are given, whole groups go to either side where groups are, and every class is
        divided in proportion where the task is classification, unless each step has a class; one of two
        or three rows may have none to test on. Duplicates go to one side.

        Parameters
        ----------
        test_size : float, default=0.2
            Share of the rows (of the groups, where there are groups; of distinct rows, where
            duplicates stay together) in the test set, above 0 and below 1. An official test set keeps its own size.
        random_state : int, default=0
            Seed of the shuffle.

        Returns
        -------
        development, test : Dataset
            Both with the row labels that they had here.

        Raises
        ------
        InputError
            If `test_size` is out of range, if a class has a single row, or if there are too few
            rows or groups to split.

        Examples
        --------
        >>> from pipelines.data import load_dataset
        >>> development, test = load_dataset("iris").split(test_size=0.2)
        >>> len(development.X), len(test.X)
        (120, 30)
        """
        if not (isinstance(test_size, Real) and 0 < test_size < 1):
            raise InputError(f"test_size must lie between 0 and 1, both excluded; got {test_size}.")
        rows = np.arange(len(self.X))
        if self.test_rows is not None:
            return self._take(np.setdiff1d(rows, self.test_rows)), self._take(self.test_rows)
        if self.groups is not None:
            from sklearn.model_selection import GroupShuffleSplit

            self._check_size("groups", self.groups.nunique(), test_size, at_least=1)
            splitter = GroupShuffleSplit(1, test_size=test_size, random_state=random_state)
            development, test = next(splitter.split(rows, groups=self.groups))
        elif self.times is not None:
            self._check_size("rows", len(rows), test_size, at_least=1)
            later = self.times >= self.times.iloc[len(rows) - math.ceil(len(rows) * test_size)]
            development, test = rows[~later], rows[later]
            if not len(development):
                raise InputError(
                    f"The latest {test_size:.0%} of the rows of {self.name} have the same time as all "
                    "others; choose another test_size, or name no column of times."
                )
        elif self.duplicates_together:
            firsts = first_rows(self.X, self.y)
            distinct = np.unique(firsts)
            held_out = self._take(distinct)._split_rows(test_size, random_state)[1]
            is_test = np.isin(firsts, distinct[held_out])
            development, test = rows[~is_test], rows[is_test]
        else:
            development, test = self._split_rows(test_size, random_state)
        return self._take(development), self._take(test)

    def distinct(self) -> Dataset:
        """The first of each kind of equal rows, where such stay together, else all rows."""
        return (
            self._take(np.unique(first_rows(self.X, self.y))) if self.duplicates_together else self
        )

    def relabelled(self, labels: pd.Index) -> Dataset:
        """The same rows with other labels, of length n_rows."""
        parts = {"X": self.X, "y": self.y, "groups": self.groups, "times": self.times}
        return replace(
            self,
            **{name: part.set_axis(labels) for name, part in parts.items() if part is not None},
        )

    def _split_rows(self, test_size: float, random_state: int) -> tuple[np.ndarray, np.ndarray]:
        # It takes a second to import, which what is wrong with a name or a file need not wait for.
        from sklearn.model_selection import train_test_split

        if self.stratified:
            self._check_classes(test_size)
        else:
            self._check_size("rows", len(self.X), test_size, at_least=1)
        development, test = train_test_split(
            np.arange(len(self.X)),
            test_size=test_size,
            random_state=random_state,
            stratify=self.y if self.stratified else None,
        )
        return development, test

    def _take(self, rows: np.ndarray) -> Dataset:
        return replace(
            self,
            X=self.X.iloc[rows],
            y=self.y.iloc[rows],
            groups=None if self.groups is None else self.groups.iloc[rows],
            times=None if self.times is None else self.times.iloc[rows],
            test_rows=None,
        )

    def _check_classes(self, test_size: float) -> None:
        counts = self.y.value_counts()
        single = sorted(counts.index[counts == 1].tolist())
        if single:
            raise InputError(
                "Rows are held out in proportion to the classes, for which each needs two rows or more, "
                f"but {self.name} has a single row of {listed(single)}; add rows of it or remove it from "
                f"the data{regression_remedy(self.y)}."
            )
        self._check_size("rows", len(self.y), test_size, at_least=len(counts))

    def _check_size(self, what: str, count: int, test_size: float, at_least: int) -> None:
        n_test = math.ceil(count * test_size)
        if min(n_test, count - n_test) < at_least:
            raise InputError(
                f"test_size={test_size} splits the {count} {what} of {self.name} into "
                f"{count - n_test} and {n_test}, but each side needs at least {at_least}; "
                "choose another test_size or add rows."
            )
