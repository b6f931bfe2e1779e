"""Pruners by name."""

from __future__ import annotations

from collections.abc import Callable

from optuna.pruners import (
    BasePruner,
    HyperbandPruner,
    MedianPruner,
    NopPruner,
    SuccessiveHalvingPruner,
)

from pipelines.errors import check_choice
from pipelines.space import Choice, Range, Space

__all__ = ["PRUNERS", "make_pruner", "max_epochs"]


def _median(n_epochs: int) -> BasePruner:
    # The first fifth says more about the learning rate than about what comes of it.
    return MedianPruner(n_startup_trials=5, n_warmup_steps=n_epochs // 5 + 1)


PRUNERS: dict[str, Callable[[int], BasePruner]] = {
    "median": _median,
    "hyperband": lambda n_epochs: HyperbandPruner(max_resource=n_epochs),
    "successive_halving": lambda n_epochs: SuccessiveHalvingPruner(min_resource=1),
    "none": lambda n_epochs: NopPruner(),
}


def make_pruner(name: str, *, n_epochs: int) -> BasePruner:
    """Make a pruner.

    Parameters
    ----------
    name : str
        A key of ``PRUNERS``.
    n_epochs : int
        The most epochs that a trial may run.

    Raises
    ------
    InputError
        For an unknown name.
    """
    check_choice("pruner", name, PRUNERS)
    return PRUNERS[name](n_epochs)


def max_epochs(space: Space, default: int) -> int:
    """The most epochs that a trial may run, ``default`` where the space does not say.

    Examples
    --------
    >>> from pipelines.space import parse_space
    >>> max_epochs(parse_space("epochs: [3, 7]"), 20), max_epochs(parse_space("dropout: 0.1"), 20)
    (7, 20)
    """
    epochs: list[int] = []
    for entry in space.of("epochs"):
        match entry.domain:
            case Range(_, high):
                epochs.append(int(high))
            case Choice(values):
                epochs += values
    return max(epochs, default=default)
