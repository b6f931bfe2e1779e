"""What regressors of any network do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sklearn.base import RegressorMixin

from estimators.base import KerasNetwork
from estimators.objective import Objective
from estimators.targets import ValueTarget

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["NetworkRegressor"]


class NetworkRegressor(RegressorMixin, KerasNetwork):
    """Base of the regressors: from values to targets and back."""

    _has_numeric_target = True

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Predict values.

        Parameters
        ----------
        X : array-like of shape (n_rows, n_features)

        Returns
        -------
        ndarray of shape (n_rows,) or (n_rows, n_outputs), float64
        """
        outputs = self._outputs(X)
        return self.target_encoder_.values(outputs)

    @property
    def target_encoder(self) -> ValueTarget:
        """An unfitted encoder of the values."""
        return ValueTarget(self.standardize_target, self.clip_target)

    def _fit_target_encoder(
        self, y: NDArray[Any], all_y: ArrayLike | None, classes: ArrayLike | None
    ) -> ValueTarget:
        return self.target_encoder.fit(y)

    @property
    def _output_activation(self) -> str:
        return "linear"

    @property
    def _objective(self) -> Objective:
        return Objective(self.loss, "mean_absolute_error")

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
