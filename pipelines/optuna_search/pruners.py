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

__all__ = ["PRUNERS", "make_pruner"]


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
