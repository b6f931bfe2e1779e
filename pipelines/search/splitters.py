"""Splitters of the cross-validation, by name."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from sklearn.model_selection import (
    BaseCrossValidator,
    BaseShuffleSplit,
    GroupKFold,
    KFold,
    RepeatedKFold,
    RepeatedStratifiedKFold,
    ShuffleSplit,
    StratifiedGroupKFold,
    StratifiedKFold,
    StratifiedShuffleSplit,
    TimeSeriesSplit,
)

from pipelines.data import Dataset
from pipelines.data.duplicates import first_rows
from pipelines.data.task import regression_remedy
from pipelines.errors import InputError, check_choice, listed

__all__ = ["SPLITTERS", "DistinctRows", "Splitter", "TimeSplit", "make_splitter"]

Splitter: TypeAlias = BaseCrossValidator | BaseShuffleSplit

SPLITTERS = ("auto", "kfold", "stratified", "repeated", "grouped", "time", "holdout")


class DistinctRows(BaseCrossValidator):
    """Splits distinct rows as another splitter does; rows that equal one go where it goes.

    Parameters
    ----------
    splitter : scikit-learn splitter
        Of the distinct rows.

    Examples
    --------
    >>> X, y = pd.DataFrame({"a": [1, 2, 1, 3]}), pd.Series([0, 0, 0, 0])
    >>> [test.tolist() for _, test in DistinctRows(KFold(3)).split(X, y)]
    [[0, 2], [1], [3]]
    """

    def __init__(self, splitter: Splitter) -> None:
        self.splitter = splitter

    def split(
        self, X: pd.DataFrame, y: pd.Series, groups: object = None
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield the positions to train and to validate on of each split."""
        firsts = first_rows(X, y)
        distinct = np.unique(firsts)
        for train, test in self.splitter.split(X.iloc[distinct], y.iloc[distinct]):
            in_train = np.isin(firsts, distinct[train])
            in_test = np.isin(firsts, distinct[test])
            yield np.flatnonzero(in_train), np.flatnonzero(in_test)

    def get_n_splits(self, *arguments: Any, **keywords: Any) -> int:
        """Return the number of splits."""
        return self.splitter.get_n_splits(*arguments, **keywords)


class TimeSplit(BaseCrossValidator):
    """scikit-learn's ``TimeSeriesSplit``, but that rows of one time stay together.

    It validates on rows that are later than those trained on, of which there are more from fold to
    fold.

    Parameters
    ----------
    times : Series of length n_rows
        Of the rows that will be split, from the earliest to the latest.
    n_splits : int

    Raises
    ------
    InputError
        If a time has so many rows that a fold has no other one.

    Examples
    --------
    >>> X = pd.DataFrame(index=range(6))
    >>> splitter = TimeSplit(pd.Series([1, 1, 2, 3, 3, 4]), 2)
    >>> [(train.tolist(), test.tolist()) for train, test in splitter.split(X)]
    [([0, 1], [2]), ([0, 1, 2], [3, 4, 5])]
    """

    def __init__(self, times: pd.Series, n_splits: int) -> None:
        self.times = times
        self.n_splits = n_splits
        folds = TimeSeriesSplit(n_splits).split(times)
        begins = np.searchsorted(times, times.iloc[[test[0] for _, test in folds]])
        self._bounds = [0, *begins.tolist(), len(times)]
        if min(np.diff(self._bounds)) == 0:
            raise InputError(
                f"Too many of the {len(times):,} rows have the same of {times.nunique():,} times for "
                f"{n_splits} folds; give fewer folds."
            )

    def split(
        self, X: pd.DataFrame, y: object = None, groups: object = None
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield the positions to train and to validate on of each split."""
        rows = np.arange(len(X))
        for begin, end in itertools.pairwise(self._bounds[1:]):
            yield rows[:begin], rows[begin:end]

    def get_n_splits(self, *arguments: Any, **keywords: Any) -> int:
        """Return the number of splits."""
        return self.n_splits


def make_splitter(
    dataset: Dataset,
    name: str = "auto",
    *,
    n_splits: int = 3,
    n_repeats: int = 1,
    random_state: int = 0,
) -> Splitter:
    """Make the splitter that fits a data set.

    Parameters
    ----------
    dataset : Dataset
        The rows that will be split.
    name : {"auto", "kfold", "stratified", "repeated", "grouped", "time", "holdout"}, default="auto"
        "auto" is "grouped" where the data set has groups, "time" where it has times, "repeated"
        where ``n_repeats`` is more than 1, else "stratified" for classification and "kfold" for
        regression and for sequences with a class in each step. "repeated" and "grouped" are
        stratified too for classification, if a row has one class. "time" validates on the rows after
        those trained on, of which there are more from fold to fold; rows of one time stay together. "holdout" fits once and validates on
        the share of the rows that a fold would have, for data so large that a fold is enough; it
        is stratified too. Where the data set says so, all of them split its distinct rows.
    n_splits : int, default=3
        Folds.
    n_repeats : int, default=1
        Times that the folds are drawn, of "repeated".
    random_state : int, default=0
        Seed of the shuffle.

    Returns
    -------
    scikit-learn splitter

    Raises
    ------
    InputError
        For an unknown name, or rows that cannot be split so.
    """
    check_choice("splitter", name, SPLITTERS)
    if n_splits < 2:
        raise InputError(f"folds must be 2 or more, but it is {n_splits}.")
    if n_repeats < 1:
        raise InputError(f"repeats must be 1 or more, but it is {n_repeats}.")
    if name == "auto":
        name = _fitting_name(dataset, n_repeats)
    if n_repeats > 1 and name != "repeated":
        raise InputError(
            f"repeats={n_repeats} needs the splitter 'repeated', but it is {name!r}; leave one out."
        )
    if dataset.groups is not None and name != "grouped":
        raise InputError(
            f"The splitter {name!r} would tear groups apart, but the data set has them; use "
            "'grouped', or name no column of groups."
        )
    if dataset.times is not None and name != "time":
        raise InputError(
            f"The splitter {name!r} would train on rows that are later than those validated on, but "
            "the data set has times; use 'time', or name no column of times."
        )
    if dataset.duplicates_together:
        splitter = _splitter(dataset.distinct(), name, n_splits, n_repeats, random_state)
        return DistinctRows(splitter)
    return _splitter(dataset, name, n_splits, n_repeats, random_state)


def _splitter(
    dataset: Dataset, name: str, n_splits: int, n_repeats: int, random_state: int
) -> Splitter:
    stratified = dataset.stratified
    if name == "stratified" and not stratified:
        why = (
            "these are of steps, not of sequences" if dataset.by_step else "the task is regression"
        )
        raise InputError(f"The splitter 'stratified' needs classes, but {why}; use 'kfold'.")
    if stratified and name not in ("kfold", "time"):
        _check_class_sizes(dataset.y, n_splits)
    if len(dataset.X) < n_splits + (name == "time"):
        raise InputError(f"{len(dataset.X)} rows cannot make {n_splits} folds; give fewer folds.")
    if name == "time":
        if dataset.times is None:
            raise InputError(
                "The splitter 'time' needs the column of the times; name it with time."
            )
        return TimeSplit(dataset.times, n_splits)
    if name == "grouped":
        _check_groups(dataset.groups, n_splits)
        grouped = StratifiedGroupKFold if stratified else GroupKFold
        return grouped(n_splits, shuffle=True, random_state=random_state)
    if name == "repeated":
        repeated = RepeatedStratifiedKFold if stratified else RepeatedKFold
        return repeated(n_splits=n_splits, n_repeats=n_repeats, random_state=random_state)
    if name == "holdout":
        held_out = StratifiedShuffleSplit if stratified else ShuffleSplit
        return held_out(1, test_size=1 / n_splits, random_state=random_state)
    splitter = StratifiedKFold if name == "stratified" else KFold
    return splitter(n_splits, shuffle=True, random_state=random_state)


def _fitting_name(dataset: Dataset, n_repeats: int) -> str:
    if dataset.groups is not None:
        return "grouped"
    if dataset.times is not None:
        return "time"
    if n_repeats > 1:
        return "repeated"
    return "stratified" if dataset.stratified else "kfold"


def _check_class_sizes(y: pd.Series, n_splits: int) -> None:
    sizes = y.value_counts()
    least = int(sizes.min())
    if least < n_splits:
        raise InputError(
            f"The class {listed([sizes.idxmin()])} has {least} row{'s' * (least > 1)} to develop on, fewer "
            f"than the {n_splits} folds; give fewer folds or more rows of it{regression_remedy(y)}."
        )


def _check_groups(groups: pd.Series | None, n_splits: int) -> None:
    if groups is None:
        raise InputError(
            "The splitter 'grouped' needs the column of the groups; name it with groups."
        )
    if groups.nunique() < n_splits:
        raise InputError(
            f"There are {groups.nunique()} groups to develop on, fewer than the {n_splits} folds; "
            "give fewer folds."
        )
