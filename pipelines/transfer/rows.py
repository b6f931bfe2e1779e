"""Which rows of the target are trained on: few first, then more, the same for all arms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from pipelines.data import Dataset

__all__ = ["numbered_split", "numbers_of_rows", "random_order"]


def numbered_split(
    target: Dataset, test_size: float, random_state: int
) -> tuple[Dataset, np.ndarray, np.ndarray]:
    """The data set with numbered rows, and the positions to train on and to score on."""
    numbered = replace(target, X=target.X.reset_index(drop=True))
    development, test = numbered.split(test_size, random_state)
    return numbered, development.X.index.to_numpy(), test.X.index.to_numpy()


def numbers_of_rows(target: Dataset, n_pool: int, shares: Sequence[float]) -> list[int]:
    """Numbers of rows, from few to many, each once; two of each class at least."""
    least = 2 * target.y.nunique() if target.task == "classification" else 2
    return sorted({min(n_pool, max(least, round(share * n_pool))) for share in shares})


def random_order(target: Dataset, pool: np.ndarray, seed: int) -> np.ndarray:
    """Order rows at random: one of each class, and then its share among however many come first."""
    random = np.random.default_rng(seed)
    if target.task == "regression":
        return random.permutation(pool)
    labels = target.y.iloc[pool].reset_index(drop=True)
    shuffled = random.permutation(len(pool))
    by_class = labels.iloc[shuffled].groupby(labels.iloc[shuffled], observed=True)
    place = by_class.cumcount().to_numpy()
    shares = (place + 0.5) / by_class.transform("size").to_numpy()
    ordered: np.ndarray = pool[shuffled[np.lexsort((shares, place > 0))]]
    return ordered
