"""A fit that is watched: figures by epoch, from one batch of rows between the epochs."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from estimators.diagnosis.diagnose import diagnose
from estimators.diagnosis.diagnosis import Diagnosis
from estimators.diagnosis.measure import first_variant, initialized, rows_of
from estimators.diagnosis.probe import Probe, probe_network
from estimators.errors import DivergenceError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from estimators.base import KerasNetwork
    from estimators.engine import Rows

__all__ = ["diagnose_training"]


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
    backwards; so seldom that it takes no more than a share of the time, the first epoch and the
    last one excepted. What is trained is the same to the bit.

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
        With ``by_epoch``. Where training diverges it is that of the network before its first step,
        with the curves.

    Examples
    --------
    >>> import numpy as np
    >>> from estimators import KerasMLPRegressor
    >>> from estimators.diagnosis import diagnose_training
    >>> X = np.random.default_rng(0).normal(size=(200, 4))
    >>> model = KerasMLPRegressor((8, 8), epochs=3, random_state=0)
    >>> found = diagnose_training(model, X, X[:, 0], share=1.0)
    >>> sorted(set(found.by_epoch["epoch"]))
    [1, 2, 3]
    """
    watched = first_variant(estimator)
    _, rows = rows_of(initialized(watched, X, y), X, y)
    recorder = _recorder(rows, watched, share)
    given = watched.callbacks
    callbacks = [] if given is None else [*given] if isinstance(given, list) else [given]
    history: dict[str, list[float]] = {}
    watched.set_params(callbacks=[*callbacks, recorder])
    try:
        for logs in watched.fit_epochs(X, y, X_val=X_val, y_val=y_val):
            for name, value in logs.items():
                history.setdefault(name, []).append(value)
        found = diagnose(watched.set_params(callbacks=given), X, y)
    except DivergenceError:
        history.setdefault("loss", []).append(float("nan"))
        found = diagnose(watched.set_params(callbacks=given), X, y, history=history)
    finally:
        watched.set_params(callbacks=given)
    tables = [probe.layers.assign(epoch=epoch, **_whole(probe)) for epoch, probe in recorder.probes]
    by_epoch = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()
    if len(by_epoch):
        by_epoch.insert(0, "epoch", by_epoch.pop("epoch"))
    return replace(found, by_epoch=by_epoch, history=history)


def _whole(probe: Probe) -> dict[str, float]:
    """Figures of the whole network, in each of its layers' rows."""
    return {"loss": probe.loss, "clipped": probe.clipped}


def _recorder(rows: Rows, estimator: KerasNetwork, share: float) -> Any:
    import keras

    from estimators.techniques import hyperparameters_of, resolve

    params = resolve(estimator.techniques, hyperparameters_of(estimator))

    class Recorder(keras.callbacks.Callback):
        """Probes the network after an epoch whenever there is time for it."""

        def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
            self.probes: list[tuple[int, Probe]] = []
            self._began, self._spent = time.perf_counter(), 0.0

        def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
            began = time.perf_counter()
            trained = began - self._began - self._spent
            is_last = epoch + 1 == self.params["epochs"]
            cost = self._spent / max(1, len(self.probes))
            has_time = share >= 1 or self._spent + cost <= share * trained
            if self.probes and not is_last and not has_time:
                return
            self.probes.append(
                (
                    epoch + 1,
                    probe_network(self.model, self.model.loss, rows, estimator.techniques, params),
                )
            )
            self._spent += time.perf_counter() - began

    return Recorder()
