"""A fit that is watched: figures by epoch, from one batch of rows between the epochs."""

from __future__ import annotations

import time
from functools import cached_property
from typing import TYPE_CHECKING, Any

from estimators.diagnosis.diagnose import diagnose
from estimators.diagnosis.diagnosis import Diagnosis
from estimators.diagnosis.measure import first_variant, is_untrained, probe, rows_of
from estimators.diagnosis.probe import Probe
from estimators.errors import DivergenceError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from estimators.base import KerasNetwork
    from estimators.engine import Rows

__all__ = ["EpochProbes", "diagnose_training"]


class EpochProbes(dict[int, Probe]):
    """Probes of a network that is being trained, by the number of epochs behind it.

    While epochs run as compiled programs, the network that training has begun with is among them,
    as number 0.

    Parameters
    ----------
    estimator : KerasMLPClassifier, KerasMLPRegressor, KerasRNNClassifier or KerasRNNRegressor
        Whose :meth:`fit_epochs` yields. Of an ensemble the first member is probed.
    X, y
        What it is trained on.
    share : float
        The most of the training time that probing may take, but for the first probe; 1.0 probes
        after each epoch.
    """

    def __init__(self, estimator: KerasNetwork, X: Any, y: Any, share: float):
        super().__init__()
        self._estimator, self._data, self._share = estimator, (X, y), share
        self._spent = self._cost = 0.0

    def look(self, trained_seconds: float) -> None:
        """Probe the network between two epochs, if there is time for it.

        Parameters
        ----------
        trained_seconds : float
            What training has taken so far.
        """
        if not self and is_untrained(self._estimator):
            self._probe(0)
        allowed = self._share * trained_seconds
        is_first = not self
        if is_first or self._share >= 1 or self._spent + self._cost <= allowed:
            self._estimator.update_model()
            self._probe(self._estimator.n_iter_)
            self._spent += 0.0 if is_first else self._cost

    @cached_property
    def _rows(self) -> Rows:
        return rows_of(self._estimator, *self._data)[1]

    def _probe(self, epoch: int) -> None:
        began = time.perf_counter()
        self[epoch] = probe(self._estimator, self._rows)
        self._cost = time.perf_counter() - began


def diagnose_training(
    estimator: KerasNetwork,
    X: ArrayLike,
    y: ArrayLike,
    X_val: ArrayLike | None = None,
    y_val: ArrayLike | None = None,
    *,
    share: float = 0.03,
) -> Diagnosis:
    """Fit an estimator as ``fit`` does, watch it, and diagnose it.

    Between the epochs up to 512 of the training rows go through the network, forwards and
    backwards; so seldom that it takes no more than a share of the time. What is trained is the
    same to the bit.

    Parameters
    ----------
    estimator : KerasMLPClassifier, KerasMLPRegressor, KerasRNNClassifier or KerasRNNRegressor
        Fitted in place. Of an ensemble only its first member's hyperparameters are trained and
        watched, and the estimator itself stays as it is.
    X : array-like of shape (n_rows, n_features)
    y : array-like of shape (n_rows,) or (n_rows, n_outputs)
    X_val, y_val : array-like, default=None
        Rows to evaluate after each epoch; without any, overfitting is not seen.
    share : float, default=0.03
        The most of the training time that looking may take; 1.0 looks after each epoch.

    Returns
    -------
    Diagnosis
        Where training diverges it is that of the network before its first step, with the curves.

    Examples
    --------
    >>> import numpy as np
    >>> from estimators import KerasMLPRegressor
    >>> from estimators.diagnosis import diagnose_training
    >>> X = np.random.default_rng(0).normal(size=(200, 4))
    >>> model = KerasMLPRegressor((8, 8), epochs=3, random_state=0)
    >>> found = diagnose_training(model, X, X[:, 0], share=1.0)
    >>> sorted(set(found.by_epoch["epoch"]))
    [0, 1, 2, 3]
    """
    from estimators.engine import append_logs

    watched = first_variant(estimator)
    probes = EpochProbes(watched, X, y, share)
    history: dict[str, list[float]] = {}
    trained, began = 0.0, time.perf_counter()
    try:
        for logs in watched.fit_epochs(X, y, X_val=X_val, y_val=y_val):
            append_logs(history, logs)
            trained += time.perf_counter() - began
            probes.look(trained)
            began = time.perf_counter()
        return diagnose(watched, X, y, probes=probes)
    except DivergenceError:
        history.setdefault("loss", []).append(float("nan"))
        return diagnose(watched, X, y, history=history, probes=probes)
