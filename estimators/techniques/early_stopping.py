"""Early stopping on validation rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import numpy as np
from sklearn.model_selection import train_test_split

from estimators._sklearn import Interval, StrOptions
from estimators.techniques.technique import Hyperparameter, Reference, Summary, Technique

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from estimators.engine.rows import Rows

__all__ = ["BestEpoch", "EarlyStopping", "set_aside", "stops_early", "validation_share"]

PRECHELT_1998 = Reference(
    "Prechelt1998", "Prechelt 1998", "https://doi.org/10.1007/3-540-49430-8_3"
)

_ROWS_ENOUGH = 1000  # of which a tenth tells one epoch from another

State = TypeVar("State")


@dataclass
class BestEpoch(Generic[State]):
    """The epoch with the smallest validation loss so far.

    Parameters
    ----------
    patience : int or None
        None never stops.
    min_delta : float

    Attributes
    ----------
    epoch : int or None
        From 1.
    state : object or None
        What was kept of that epoch.
    """

    patience: int | None
    min_delta: float
    epoch: int | None = None
    state: State | None = None
    _loss: float = float("inf")
    _wait: int = 0

    def update(self, epoch: int, logs: Mapping[str, float], snapshot: Callable[[], State]) -> bool:
        """Take note of an epoch; return whether patience has ended.

        Parameters
        ----------
        epoch : int
            From 1.
        logs : mapping of str to float
            With "val_loss".
        snapshot : callable
            Returns the state, which is kept if the epoch is the best, or the first.
        """
        self._wait += 1
        improved = logs["val_loss"] + self.min_delta < self._loss
        if improved:
            self._loss, self._wait = logs["val_loss"], 0
        if improved or self.state is None:
            self.epoch, self.state = epoch, snapshot()
        return self.patience is not None and self._wait >= self.patience and epoch > 1


def stops_early(early_stopping: bool | str, n_rows: int) -> bool:
    """Whether some rows of those given to ``fit`` are watched to choose the epoch.

    Parameters
    ----------
    early_stopping : bool or "auto"
    n_rows : int
        Rows given to ``fit``.

    Returns
    -------
    bool

    Examples
    --------
    >>> [stops_early("auto", n_rows) for n_rows in (999, 1000)], stops_early(True, 20)
    ([False, True], True)
    """
    return n_rows >= _ROWS_ENOUGH if isinstance(early_stopping, str) else early_stopping


def validation_share(fraction: float | str, n_rows: int) -> float:
    """The share of the rows that are set aside.

    Parameters
    ----------
    fraction : float or "auto"
        "auto" sets some 500 aside, but no less than a tenth and no more than a fifth: fewer do
        not tell one epoch from another.
    n_rows : int

    Returns
    -------
    float

    Examples
    --------
    >>> [validation_share("auto", n_rows) for n_rows in (1000, 4000, 100_000)]
    [0.2, 0.125, 0.1]
    """
    if isinstance(fraction, str):
        return min(0.2, max(0.1, 500 / n_rows))
    return fraction


def set_aside(
    rows: Rows, fraction: float, seed: int, strata: NDArray[Any] | None
) -> tuple[Rows, Rows]:
    """Split off the validation rows of early stopping.

    Parameters
    ----------
    rows : Rows
    fraction : float
        Share of the validation rows.
    seed : int
    strata : ndarray of shape (n_rows,), or None
        Classes whose shares both parts keep, as far as that can be: a class of one row is split
        like the commonest one, and more classes than validation rows like none.

    Returns
    -------
    training, validation : Rows

    Raises
    ------
    ValueError
        If there are too few rows.
    """
    try:
        kept, aside = train_test_split(
            np.arange(len(rows.X)),
            test_size=fraction,
            random_state=seed,
            stratify=None if strata is None else _splittable(strata, fraction),
        )
    except ValueError as error:
        raise ValueError(
            f"early_stopping cannot set aside validation_fraction={fraction} "
            f"of {len(rows.X)} rows: {error} Give more rows or another validation_fraction, "
            "or pass X_val and y_val to fit."
        ) from error
    return rows.take(kept), rows.take(aside)


def _splittable(strata: NDArray[Any], fraction: float) -> NDArray[Any] | None:
    classes, counts = np.unique(strata, return_counts=True)
    if len(classes) > fraction * len(strata):
        return None
    return np.where(np.isin(strata, classes[counts == 1]), classes[counts.argmax()], strata)


class EarlyStopping(Technique):
    """Training ends once the validation loss no longer falls, with the best epoch's weights."""

    hyperparameters = (
        Hyperparameter(
            "early_stopping",
            "auto",
            ("boolean", StrOptions({"auto"})),
            'bool or "auto"',
            "Whether to stop once the validation loss has not improved for ``patience`` epochs, and "
            'go back to the best epoch\'s weights [Prechelt1998]_. "auto" does so where ``fit`` is '
            "given 1,000 rows or more; ``partial_fit`` never does. Rows are copied as some are set "
            "aside.",
            role="training",
        ),
        Hyperparameter(
            "validation_fraction",
            0.1,
            (Interval(Real, 0, 1, closed="neither"), StrOptions({"auto"})),
            'float or "auto"',
            "Share of the training rows set aside by early stopping, stratified by class, unless "
            '``fit`` is given ``X_val`` and ``y_val``. "auto" is some 500 rows, but from 0.1 to 0.2.',
            role="training",
        ),
        Hyperparameter(
            "patience",
            10,
            (Interval(Integral, 1, None, closed="left"), None),
            "int or None",
            "Epochs without improvement that early stopping allows; None trains to the last epoch "
            "and goes back to the best one.",
            role="training",
        ),
        Hyperparameter(
            "min_delta",
            0.0,
            (Interval(Real, 0, None, closed="left"),),
            "float",
            "Smallest fall of the validation loss that is an improvement.",
            role="training",
        ),
    )
    references = (PRECHELT_1998,)
    summary = (
        Summary(
            "`early_stopping`, `patience`, `min_delta`, `validation_fraction`",
            "auto, off or on",
            "auto is on from 1,000 rows on; the best epoch's weights are kept",
            (PRECHELT_1998,),
        ),
    )
