"""The adding problem, which asks how long a dependency a network can learn."""

from __future__ import annotations

from types import MappingProxyType

import numpy as np
import pandas as pd

from pipelines.data.dataset import Dataset
from pipelines.data.folder import DataHome
from pipelines.data.sequences import flat_table

__all__ = ["ADDING_PROBLEMS", "load_adding_problem"]

ADDING_PROBLEMS = MappingProxyType(
    {f"adding_{n_steps}": n_steps for n_steps in (50, 100, 200, 400)}
)
"""Steps by name."""

_N_ROWS = 6000


def load_adding_problem(name: str, data_home: DataHome = None) -> Dataset:
    """Generate the adding problem of some length.

    Each step has a number, drawn uniformly from [0, 1), and a mark, which is 1 at two steps, one
    in each half of the sequence, and 0 elsewhere. The target is the sum of the two marked numbers,
    so that the first of them must be kept for a quarter to the whole of the sequence. Always to
    say 1 has a mean squared error of 1/6.

    Parameters
    ----------
    name : {"adding_50", "adding_100", "adding_200", "adding_400"}
        The number is that of the steps.
    data_home : path-like, default=None
        There for likeness with the other loaders and not used.

    Returns
    -------
    Dataset
        6,000 sequences, the same ones every time.

    References
    ----------
    .. [1] S. Hochreiter and J. Schmidhuber, "Long Short-Term Memory", Neural Computation,
       9(8):1735-1780, 1997. https://doi.org/10.1162/neco.1997.9.8.1735
    .. [2] Q. V. Le, N. Jaitly and G. E. Hinton, "A Simple Way to Initialize Recurrent Networks of
       Rectified Linear Units", 2015. https://arxiv.org/abs/1504.00941

    Examples
    --------
    >>> dataset = load_adding_problem("adding_50")
    >>> numbers, marks = dataset.sequences[0].T
    >>> bool(abs(numbers[marks == 1].sum() - dataset.y[0]) < 1e-6), int(marks.sum())
    (True, 2)
    """
    n_steps = ADDING_PROBLEMS[name]
    generator = np.random.default_rng(n_steps)
    sequences = np.zeros((_N_ROWS, n_steps, 2), np.float32)
    sequences[:, :, 0] = generator.random((_N_ROWS, n_steps), np.float32)
    rows, half = np.arange(_N_ROWS), n_steps // 2
    marked = generator.integers([0, half], [half, n_steps], size=(_N_ROWS, 2))
    target = np.zeros(_N_ROWS)
    for steps in marked.T:
        sequences[rows, steps, 1] = 1
        target += sequences[rows, steps, 0]
    channels = ("number", "mark")
    return Dataset(
        name=name,
        X=flat_table(sequences, channels),
        y=pd.Series(target, name="sum"),
        task="regression",
        kind="sequence",
        source="generated",
        channels=channels,
    )
