"""What goes into each epoch anew: the order of the rows, and the values of each step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from estimators.techniques import Steps, Technique

__all__ = ["EpochPlan", "row_order"]


class EpochPlan:
    """The epochs of a training.

    Parameters
    ----------
    techniques : sequence of Technique
        Those that have hyperparameters change from step to step.
    params : mapping of str to object
        Resolved hyperparameters.
    n_rows : int
    scheduled : range
        The epochs that schedules span.
    seed : int

    Attributes
    ----------
    batch_size : int
    n_steps : int
        Steps of an epoch.
    """

    def __init__(
        self,
        techniques: Sequence[Technique],
        params: Mapping[str, Any],
        n_rows: int,
        scheduled: range,
        seed: int,
    ):
        self._techniques = techniques
        self._params = params
        self._n_rows = n_rows
        self._scheduled = scheduled
        self._seed = seed
        self.batch_size: int = params["batch_size"]
        self.n_steps = -(-n_rows // self.batch_size)

    @property
    def learning_rate(self) -> Any:
        """The hyperparameter: a number, or a Keras schedule."""
        return self._params["learning_rate"]

    def order(self, epoch: int) -> NDArray[Any]:
        """Order of the rows in an epoch."""
        return row_order(self._n_rows, self._seed if self._params["shuffle"] else None, epoch)

    def values(self, epoch: int, learning_rate: Any) -> dict[str, Any]:
        """Hyperparameters in an epoch: numbers, or arrays with one a step.

        Parameters
        ----------
        epoch : int
        learning_rate : float or ndarray of shape (n_steps,)
            As callbacks or a Keras schedule have it.

        Returns
        -------
        dict of str to object
            By name.
        """
        first = (epoch - self._scheduled.start) * self.n_steps
        steps = Steps(
            first + np.arange(self.n_steps),
            len(self._scheduled) * self.n_steps,
            seed=self._seed,
            epoch=epoch,
        )
        values = {**self._params, "learning_rate": learning_rate}
        for technique in self._techniques:
            values |= technique.values_by_step(values, steps)
        return values


def row_order(n_rows: int, seed: int | None, epoch: int) -> NDArray[Any]:
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
