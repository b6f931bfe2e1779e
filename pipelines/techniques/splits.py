"""The rows that a study trains on, validates on and tests on."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from sklearn.model_selection import train_test_split

from pipelines.data import Dataset

__all__ = ["Rows", "split_rows", "usual_rows"]

_PUBLISHED_SEED = 42
_VALIDATION_SHARE = 0.1

# So far out, in deviations of the training rows, a single row can decide a mean squared error.
_FAR = 100.0


class Rows(NamedTuple):
    """Positions of the rows by their use."""

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray


def split_rows(dataset: Dataset, *, test_size: float = 0.2, random_state: int = 0) -> Rows:
    """Split a data set as it was for its published table, or else at random.

    Fashion-MNIST: the last tenth of the 60,000 training images validates, and the official test
    set tests. California housing: ``train_test_split`` takes a quarter for the test and a quarter
    of the rest for validation, both with ``random_state=42``. Other data: the test set of
    :meth:`Dataset.split`, and a share of the rest, as large as the test's, for validation.

    Parameters
    ----------
    dataset : Dataset
    test_size : float, default=0.2
        Share of the test rows of other data sets; of the validation rows in what is left too.
    random_state : int, default=0
        Seed of the split of other data sets.

    Returns
    -------
    Rows

    Raises
    ------
    InputError
        If there are too few rows to split.
    """
    rows = np.arange(len(dataset.X))
    if dataset.name == "california_housing":
        full, test = train_test_split(rows, random_state=_PUBLISHED_SEED)
        train, validation = train_test_split(full, random_state=_PUBLISHED_SEED)
        return Rows(train, validation, test)
    if dataset.test_rows is not None:
        full = np.setdiff1d(rows, dataset.test_rows)
        n_train = len(full) - round(_VALIDATION_SHARE * len(full))
        return Rows(full[:n_train], full[n_train:], dataset.test_rows)
    numbered = replace(dataset, X=dataset.X.reset_index(drop=True))
    development, test_set = numbered.split(test_size, random_state)
    train_set, validation_set = development.split(test_size, random_state)
    parts = (part.X.index.to_numpy() for part in (train_set, validation_set, test_set))
    train, validation, test = parts
    # Whole groups come in the file's order, of which the first rows may not stand for all.
    return Rows(np.random.default_rng(random_state).permutation(train), validation, test)


def usual_rows(dataset: Dataset, rows: Rows) -> np.ndarray:
    """Return the validation rows that are not far outside of the training rows.

    Far is 100 standard deviations of the training rows or more from their mean, in some numeric
    column. A network extrapolates there at random, and squared errors add up to little else.

    Parameters
    ----------
    dataset : Dataset
    rows : Rows

    Returns
    -------
    ndarray
        Positions; all of the validation rows where none is far.
    """
    if dataset.kind == "image":
        return rows.validation
    numbers = dataset.X[dataset.numeric_columns].astype(float)
    train, validation = numbers.iloc[rows.train], numbers.iloc[rows.validation]
    deviations = (validation - train.mean()).abs() / train.std().replace(0, np.nan)
    return rows.validation[~(deviations >= _FAR).any(axis=1).to_numpy()]
