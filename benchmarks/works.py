"""What is compared with what, and how much faster it has to be."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["WORKS", "Work"]


class Work(NamedTuple):
    """One comparison: the ratio of a peer's seconds to ours.

    Attributes
    ----------
    name : str
    ours, peer : str
        Names in ``benchmarks.peers.PEERS``.
    against : str
        The peer, for people.
    figure : {"seconds", "epoch_seconds"}
        What is compared: the whole, compiling included, or the median of the later epochs.
    at_least : float
        The ratio that is the aim.
    """

    name: str
    ours: str
    peer: str
    against: str
    figure: str
    at_least: float


_GRID = "GridSearchCV, California housing, 8 configurations, 3 folds, 20 epochs, n_jobs=1"
_WARM = f"{_GRID}, its programs on disk"
_HOUSING = "one fit, California housing, 20 epochs"
_FASHION = "one fit, Fashion-MNIST, 5 epochs"
_NORM = f"{_FASHION}, batch norm"
_SECOND = "second fit of a known structure, digits, 1 epoch"

WORKS = (
    Work(_GRID, "grid_ours", "grid_scikeras", "scikeras", "seconds", 20),
    Work(_GRID, "grid_ours", "grid_sklearn", "scikit-learn MLPRegressor", "seconds", 4),
    Work(_WARM, "grid_ours_warm", "grid_scikeras", "scikeras", "seconds", 30),
    Work(_WARM, "grid_ours_warm", "grid_sklearn", "scikit-learn MLPRegressor", "seconds", 4),
    Work(_HOUSING, "housing_ours", "housing_keras", "Model.fit", "seconds", 6),
    Work(
        f"{_HOUSING}, an epoch", "housing_ours", "housing_keras", "Model.fit", "epoch_seconds", 18
    ),
    Work(_FASHION, "fashion_ours", "fashion_keras", "Model.fit", "seconds", 5),
    Work(_NORM, "fashion_norm_ours", "fashion_norm_keras", "Model.fit", "seconds", 5),
    Work(_FASHION, "fashion_ours", "fashion_skorch", "skorch (PyTorch)", "seconds", 1),
    Work(_FASHION, "fashion_ours", "fashion_sklearn", "scikit-learn MLPClassifier", "seconds", 1),
    Work(_SECOND, "second_ours", "second_keras", "Model.fit", "seconds", 10),
)
