"""Compiling what a fit will need while others train."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from sklearn.base import clone

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["AheadCompiling", "compile_ahead"]


def compile_ahead(
    estimator: Any,
    X: ArrayLike,
    y: ArrayLike,
    X_val: ArrayLike | None = None,
    y_val: ArrayLike | None = None,
) -> None:
    """Begin to compile what fitting a network to rows will need, on a core that is idle.

    It returns as soon as the program is traced. A fit to as many rows then finds it, or waits for
    the rest; its weights are the same. The estimator stays as it is, nothing is drawn, and nothing
    waits for what is being compiled when the process ends.

    Parameters
    ----------
    estimator : KerasMLPClassifier, KerasMLPRegressor, KerasRNNClassifier or KerasRNNRegressor
    X : array-like of shape (n_rows, n_features)
    y : array-like of shape (n_rows,) or (n_rows, n_outputs)
    X_val, y_val : array-like, default=None
        Rows that are evaluated after each epoch.

    Raises
    ------
    ValueError
        Where :meth:`~estimators.KerasMLPRegressor.fit` would, for parameters or rows.
    """
    network = clone(estimator).set_params(random_state=0)
    with warnings.catch_warnings():  # the fit gives them
        warnings.simplefilter("ignore")
        network.begin_compiling(X, y, X_val, y_val)


class AheadCompiling:
    """What :func:`compile_ahead` asks of an estimator."""

    def begin_compiling(
        self: Any,
        X: ArrayLike,
        y: ArrayLike,
        X_val: ArrayLike | None = None,
        y_val: ArrayLike | None = None,
    ) -> None:
        """Begin to compile what :meth:`fit` needs, and keep the network as it is made for it.

        Parameters
        ----------
        X : array-like of shape (n_rows, n_features)
        y : array-like of shape (n_rows,) or (n_rows, n_outputs)
        X_val, y_val : array-like, default=None
        """
        params = self._check_params()
        data = self._check_rows(X, y, None, reset=True)
        members = self._build(params, *data, y)
        validation = None if X_val is None else (X_val, y_val)
        self._distribute(members, data, validation, is_partial=False)
        for member in members:
            member.compile_ahead()
