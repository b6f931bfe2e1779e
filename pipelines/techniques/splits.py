"""The rows that a study trains on, validates on and tests on."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from sklearn.model_selection import train_test_split

from pipelines.data import Dataset

__all__ = ["Rows", "split_rows"]

_PUBLISHED_SEED = 42
_VALIDATION_SHARE = 0.1


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
    return Rows(*(part.X.index.to_numpy() for part in (train_set, validation_set, test_set)))
