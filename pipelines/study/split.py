"""The rows that a study trains on, validates on and tests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

import numpy as np
from sklearn.model_selection import train_test_split

from pipelines.data import Dataset

__all__ = ["SplitRule", "StudySplit", "rows_in_range", "split_dataset"]


class StudySplit(NamedTuple):
    """Positions of the rows by their use."""

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray

    def at_most(self, sizes: Mapping[str, int]) -> StudySplit:
        """The first rows of each use, as many as it may have."""
        return self._replace(**{use: getattr(self, use)[:size] for use, size in sizes.items()})


@dataclass(frozen=True)
class SplitRule:
    """How a publication split its data.

    Attributes
    ----------
    test_size : float or None
        Share of the test rows; None for the official test set.
    validation_size : float
        Share of the validation rows in what is left.
    random_state : int or None
        Seed of both draws; None takes the last rows instead.
    """

    test_size: float | None
    validation_size: float
    random_state: int | None


def split_dataset(
    dataset: Dataset,
    rule: SplitRule | None = None,
    *,
    test_size: float = 0.2,
    random_state: int = 0,
) -> StudySplit:
    """Split a data set as it was for a publication, or else at random.

    At random there is the test set of :meth:`Dataset.split`, and a share of the rest, as large as
    the test's, for validation.

    Parameters
    ----------
    dataset : Dataset
    rule : SplitRule, default=None
        Of the publication, where there is one; the other parameters have no effect then.
    test_size : float, default=0.2
        Share of the test rows, and of the validation rows in what is left.
    random_state : int, default=0

    Returns
    -------
    StudySplit

    Raises
    ------
    InputError
        If there are too few rows to split.
    """
    if rule is not None:
        return _split_by_rule(dataset, rule)
    numbered = replace(dataset, X=dataset.X.reset_index(drop=True))
    development, test_set = numbered.split(test_size, random_state)
    train_set, validation_set = development.split(test_size, random_state)
    parts = (part.X.index.to_numpy() for part in (train_set, validation_set, test_set))
    train, validation, test = parts
    # Whole groups come in the file's order, of which the first rows may not stand for all.
    return StudySplit(np.random.default_rng(random_state).permutation(train), validation, test)


def _split_by_rule(dataset: Dataset, rule: SplitRule) -> StudySplit:
    is_random = rule.random_state is not None
    draw = partial(train_test_split, random_state=rule.random_state, shuffle=is_random)
    rest = np.arange(len(dataset.X))
    if rule.test_size is None:
        assert dataset.test_rows is not None
        test = dataset.test_rows
        rest = np.setdiff1d(rest, test)
    else:
        rest, test = draw(rest, test_size=rule.test_size)
    train, validation = draw(rest, test_size=rule.validation_size)
    return StudySplit(train, validation, test)


def rows_in_range(dataset: Dataset, split: StudySplit, *, far_deviations: float) -> np.ndarray:
    """Return the validation rows that are not far outside of the training rows.

    A network extrapolates there at random, and squared errors add up to little else. Which rows
    those are is decided by the input alone.

    Parameters
    ----------
    dataset : Dataset
    split : StudySplit
    far_deviations : float
        From how many standard deviations of the training rows on, away from their mean in some
        numeric column, a row is far. Pixels have a range of their own and never are, and steps of
        sequences are not looked at.

    Returns
    -------
    ndarray
        Positions; all of the validation rows where none is far.
    """
    if dataset.kind != "table":
        return split.validation
    numbers = dataset.X[dataset.numeric_columns].astype(float)
    train, validation = numbers.iloc[split.train], numbers.iloc[split.validation]
    deviations = (validation - train.mean()).abs() / train.std().replace(0, np.nan)
    return split.validation[~(deviations >= far_deviations).any(axis=1).to_numpy()]
