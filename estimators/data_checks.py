"""From what a caller passes to checked arrays: input, targets and weights of rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from scipy.sparse import issparse
from sklearn.utils.validation import column_or_1d, validate_data

from estimators._scikeras import ScikerasEstimator
from estimators._sklearn import check_row_weights, rows_at
from estimators.features import FeatureEncoder

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["DataChecks"]


class DataChecks(ScikerasEstimator):
    """An estimator that checks its data, with codes in place of categories."""

    _has_numeric_target: ClassVar[bool] = False

    def _check_rows(
        self, X: ArrayLike, y: ArrayLike | None, sample_weight: ArrayLike | None, *, reset: bool
    ) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any] | None]:
        """Check input, targets and weights; leave out the rows that weigh nothing."""
        weight = self._row_weights(X, y, sample_weight)
        if weight is not None:
            if issparse(X):
                validate_data(self, X)  # says that rows are to be dense
            kept = np.flatnonzero(weight)
            if len(kept) < len(weight):
                X, y, weight = (rows_at(values, kept) for values in (X, y, weight))
        inputs, targets = self._validate_data(X, y, reset=reset)
        return inputs, targets, weight

    def _row_weights(
        self, X: ArrayLike, y: ArrayLike | None, sample_weight: ArrayLike | None
    ) -> NDArray[Any] | None:
        return check_row_weights(X, y, sample_weight)

    def _validate_data(
        self,
        X: ArrayLike,
        y: ArrayLike | None = None,
        reset: bool = False,
        y_numeric: bool = False,
    ) -> tuple[NDArray[Any], NDArray[Any]]:
        inputs: NDArray[Any]
        targets: Any
        inputs, targets = validate_data(
            self,
            self._encoded(X, reset=reset),
            y,
            reset=reset,
            dtype="float32",
            multi_output=True,
            y_numeric=self._has_numeric_target,
        )
        if issparse(targets):
            targets = targets.toarray()
        if targets.ndim == 2 and targets.shape[1] == 1:
            targets = column_or_1d(targets, warn=True)
        return inputs, targets

    def _checked_input(self, X: ArrayLike) -> NDArray[Any]:
        """Check input alone, as it was at the fit."""
        inputs: NDArray[Any] = validate_data(
            self, self._encoded(X, reset=False), reset=False, dtype="float32"
        )
        return inputs

    def _encoded(self, X: ArrayLike, *, reset: bool) -> Any:
        if reset:
            self.feature_encoder_ = FeatureEncoder(self.categorical_features).fit(X)
        return self.feature_encoder_.transform(X)
