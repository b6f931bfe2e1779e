"""Recurrent estimators that may answer in each step of a sequence, not once a row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from sklearn.metrics import accuracy_score, r2_score
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.validation import check_is_fitted

from estimators._sklearn import check_row_weights
from estimators.engine import predict_in_batches
from estimators.engine.rows import real_steps
from estimators.network_classifier import NetworkClassifier
from estimators.network_regressor import NetworkRegressor
from estimators.sequence_checks import SequenceChecks, n_steps_of
from estimators.step_targets import (
    StepClassTarget,
    StepTarget,
    StepValueTarget,
    masked_targets,
    real_targets,
)
from estimators.targets import ClassTarget, ValueTarget

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

__all__ = ["StepClassifier", "StepOutputs", "StepRegressor"]


class StepOutputs(SequenceChecks):
    """What classifier and regressor have in common: targets, weights, outputs and score by step."""

    _score_of_steps: ClassVar[Callable[..., float]]

    def _validate_data(
        self, X: Any, y: Any = None, reset: bool = False, y_numeric: bool = False
    ) -> tuple[NDArray[Any], NDArray[Any]]:
        if y is None or not self.return_sequences:
            return super()._validate_data(X, y, reset=reset)
        inputs = self._checked_input(X, reset=reset)
        return inputs, masked_targets(y, real_steps(inputs), numeric=self._has_numeric_target)

    def _check_rows(
        self, X: ArrayLike, y: ArrayLike | None, sample_weight: ArrayLike | None, *, reset: bool
    ) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any] | None]:
        inputs, targets, weight = super()._check_rows(X, y, sample_weight, reset=reset)
        if self.return_sequences:
            weight = self._step_weights(targets, weight)
        return inputs, targets, weight

    def _row_weights(
        self, X: ArrayLike, y: ArrayLike | None, sample_weight: ArrayLike | None
    ) -> NDArray[Any] | None:
        if self.return_sequences:  # those of classes are of steps
            return check_row_weights(X, y, sample_weight)
        return super()._row_weights(X, y, sample_weight)

    def _step_weights(
        self, targets: NDArray[Any], weight: NDArray[Any] | None
    ) -> NDArray[Any] | None:
        """Weights of the steps, of shape (n_rows, n_steps), float32, from those of the rows."""
        return None if weight is None else np.repeat(weight[:, None], self.n_steps_, axis=1)

    def _strata(self, y: NDArray[Any]) -> NDArray[Any] | None:
        return None if y.ndim == 3 else super()._strata(y)

    def _outputs(self, X: ArrayLike) -> NDArray[Any]:
        """Outputs of the network; by step as many as X has steps, nan where they are padding."""
        if not hasattr(self, "model_"):
            check_is_fitted(self, "model_")
        inputs = self._checked_input(X)
        outputs = predict_in_batches(self.update_model().model_, inputs)
        if outputs.ndim == 2:
            return outputs
        outputs = np.where(real_steps(inputs)[..., None], outputs, np.float32(np.nan))
        return outputs[:, : n_steps_of(X) or self.n_steps_]

    def score(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
        """Accuracy, or coefficient of determination; by step that of all real steps.

        Each step counts the same then, or as much as its row.

        Parameters
        ----------
        X : array-like of shape (n_rows, n_steps, n_channels) or flat
        y : array-like of shape (n_rows,) or (n_rows, n_outputs)
            By step of shape (n_rows, n_steps) or (n_rows, n_steps, n_outputs).
        sample_weight : array-like of shape (n_rows,), default=None

        Returns
        -------
        float
        """
        check_is_fitted(self)
        if not isinstance(self.target_encoder_, StepTarget):
            return float(super().score(X, y, sample_weight))
        real, targets, weight = self._real_steps(X, y, sample_weight)
        return float(self._score_of_steps(targets, self.predict(X)[real], sample_weight=weight))

    def _real_steps(
        self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None
    ) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any] | None]:
        """Outputs, targets and weights of the real steps, for a score.

        Returns
        -------
        real : ndarray of shape (n_rows, n_steps), bool
        y : ndarray of shape (n_real, ...)
        weight : ndarray of shape (n_real,), or None
        """
        inputs, targets = self._validate_data(X, y)
        weight = check_row_weights(X, y, sample_weight)
        real = real_steps(inputs)
        if weight is not None:
            weight = np.repeat(weight, real.sum(axis=1))
        return real[:, : n_steps_of(X) or self.n_steps_], np.asarray(targets)[real], weight


class StepClassifier(StepOutputs, NetworkClassifier):
    """Base of the recurrent classifier."""

    _score_of_steps = staticmethod(accuracy_score)

    @property
    def target_encoder(self) -> ClassTarget:
        """An unfitted encoder of the labels."""
        return StepClassTarget() if self.return_sequences else ClassTarget()

    def _step_weights(
        self, targets: NDArray[Any], weight: NDArray[Any] | None
    ) -> NDArray[Any] | None:
        weight = super()._step_weights(targets, weight)
        if self.class_weight is None:
            return weight
        real = real_targets(targets)
        by_class = np.zeros(real.shape, "float32")
        by_class[real] = compute_sample_weight(self.class_weight, np.asarray(targets)[real])
        return by_class if weight is None else by_class * weight


class StepRegressor(StepOutputs, NetworkRegressor):
    """Base of the recurrent regressor."""

    _score_of_steps = staticmethod(r2_score)

    @property
    def target_encoder(self) -> ValueTarget:
        """An unfitted encoder of the values."""
        kind = StepValueTarget if self.return_sequences else ValueTarget
        return kind(self.standardize_target, self.clip_target)
