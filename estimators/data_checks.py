"""From what a caller passes to checked arrays: input, targets and weights of rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from scipy.sparse import issparse
from sklearn.utils.validation import column_or_1d, validate_data

from estimators._scikeras import ScikerasEstimator
from estimators._sklearn import check_row_weights, rows_at
from estimators.features import FeatureEncoder, FeatureSchema, no_numbers
from estimators.targets import check_numbers

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["DataChecks", "every_nth"]

_JUDGED_ROWS = 1000


class DataChecks(ScikerasEstimator):
    """An estimator that checks its data, with codes in place of categories."""

    _has_numeric_target: ClassVar[bool] = False
    _finite: ClassVar[bool | str] = True
    _takes: ClassVar[str] = "numbers or categories"
    _or_else: ClassVar[str] = ", or make it a category by categorical_features or its dtype"

    def network_data(self, X: ArrayLike, y: ArrayLike) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return rows and targets as the network of a fitted, or initialized, estimator gets them.

        Parameters
        ----------
        X : array-like of shape (n_rows, n_features)
        y : array-like of shape (n_rows,) or (n_rows, n_outputs)

        Returns
        -------
        inputs : ndarray of shape (n_rows, ...), float32
        targets : ndarray of shape (n_rows, ..., n_outputs), float32
        """
        inputs, targets = self._validate_data(X, y)
        return inputs, self.target_encoder_.transform(targets)

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
        inputs, targets = self._validated(
            self._encoded(X, reset=reset),
            y,
            reset=reset,
            multi_output=True,
            y_numeric=self._has_numeric_target,
        )
        if issparse(targets):
            targets = targets.toarray()
        if self._has_numeric_target and y is not None:
            check_numbers(targets)
        if targets.ndim == 2 and targets.shape[1] == 1:
            targets = column_or_1d(targets, warn=True)
        return self._shaped(inputs, reset=reset), targets

    def _checked_input(self, X: ArrayLike, *, reset: bool = False) -> NDArray[Any]:
        """Check input alone, as it was at the fit."""
        if not reset and (plain := self._plain(X)) is not None:
            return plain
        inputs = self._validated(self._encoded(X, reset=reset), reset=reset)
        return self._shaped(inputs, reset=reset)

    def _validated(self, X: Any, *y: Any, reset: bool, **checks: Any) -> Any:
        """Check encoded input by scikit-learn; name the column that holds no numbers."""
        finite = self._finite
        try:
            return validate_data(
                self, X, *y, reset=reset, dtype="float32", ensure_all_finite=finite, **checks
            )
        except (TypeError, ValueError) as error:
            if (found := no_numbers(X)) is None:
                raise
            validate_data(self, X, reset=reset, skip_check_array=True)  # tells of other columns
            column, value = found
            raise ValueError(
                f"{type(self).__name__} needs {self._takes} in X. Got {value!r} in the column "
                f"{column!r}: encode it as numbers{self._or_else}."
            ) from error

    def _plain(self, X: Any) -> NDArray[Any] | None:
        """Input that plainly needs no more checks, as scikit-learn's take longer than a network.

        What is not an array of finite numbers with as many columns as at the fit gives None.
        """
        is_plain = (
            type(X) is np.ndarray
            and X.dtype in (np.float32, np.float64)
            and X.ndim == 2
            and X.shape == (len(X) or None, self.n_features_in_)
            and self._finite is True
            and not self.feature_encoder_.categories_
            and not hasattr(self, "feature_names_in_")
        )
        if not is_plain:
            return None
        inputs: NDArray[Any] = X
        if X.dtype != np.float32 or not X.flags.c_contiguous:
            with np.errstate(over="ignore"):  # which is then infinite, and so refused
                inputs = X.astype(np.float32, order="C")
        return self._shaped(inputs, reset=False) if np.isfinite(inputs).all() else None

    def _encoded(self, X: ArrayLike, *, reset: bool) -> Any:
        if reset:
            self.feature_encoder_ = FeatureEncoder(self.categorical_features).fit(X)
        return self.feature_encoder_.transform(X)

    def _shaped(self, X: NDArray[Any], *, reset: bool) -> NDArray[Any]:
        """Bring checked input to the form in which the network gets it."""
        return X

    def _describe(self, X: NDArray[Any], variants: Iterable[Mapping[str, Any]]) -> NDArray[Any]:
        """Learn what networks of some hyperparameters need to know; return numbers to judge."""
        embeds = any(each["numeric_embedding"] is not None for each in variants)
        self.feature_encoder_.describe(X, embeds_numbers=embeds)
        numbers = self.feature_encoder_.numbers(every_nth(X))
        self.feature_encoder_.measure(numbers)
        return numbers

    @property
    def _input_shape(self) -> tuple[int, ...]:
        return (self.n_features_in_,)

    @property
    def _feature_schema(self) -> FeatureSchema | None:
        return self.feature_encoder_.schema_


def every_nth(X: NDArray[Any]) -> NDArray[Any]:
    """Some 1,000 rows, spread over all, from which the rules judge an input."""
    return X[:: max(1, len(X) // _JUDGED_ROWS)]
