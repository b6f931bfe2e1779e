"""What regressors of any network do."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import RegressorMixin

from estimators.base import KerasNetwork
from estimators.errors import RuleWarning
from estimators.objective import Objective
from estimators.targets import ValueTarget
from estimators.techniques.architecture import LECUN_1998

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["NetworkRegressor"]

# Mean or deviation of a target from which on a network that begins near 0 learns badly.
_LARGE_SCALE = 10.0


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
        if not self.standardize_target:
            _warn_of_scale(y)
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


def _warn_of_scale(y: NDArray[Any]) -> None:
    """Warn of a target whose scale the first predictions, which are near 0 and 1, are far from."""
    columns = y.reshape(len(y), -1).astype(float)
    means, deviations = np.abs(columns.mean(axis=0)), columns.std(axis=0)
    worst = int(np.maximum(means, deviations).argmax())
    if max(means[worst], deviations[worst]) > _LARGE_SCALE:
        warnings.warn(
            f"target of one scale: the target has mean {columns[:, worst].mean():.3g} and deviation "
            f"{deviations[worst]:.3g}, and a network begins near 0; set standardize_target=True "
            f"({LECUN_1998}).",
            RuleWarning,
            stacklevel=2,
        )
