"""The order in which an epoch takes the rows."""

from __future__ import annotations

import numpy as np

__all__ = ["row_order"]


def row_order(n_rows: int, seed: int | None, epoch: int) -> np.ndarray:
    """Order the rows for an epoch; seed and number of the epoch alone decide.

    Parameters
    ----------
    n_rows : int
    seed : int or None
        None keeps the rows in place.
    epoch : int
        From 0.

    Returns
    -------
    ndarray of shape (n_rows,), int

    Examples
    --------
    >>> row_order(3, None, 0).tolist()
    [0, 1, 2]
    """
    if seed is None:
        return np.arange(n_rows)
    return np.random.default_rng([seed, epoch]).permutation(n_rows)
