"""What classifiers of any network do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
from scipy.sparse import issparse
from sklearn.base import ClassifierMixin
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.validation import check_array, check_consistent_length

from estimators._sklearn import check_sample_weight
from estimators.base import KerasNetwork
from estimators.objective import Objective
from estimators.targets import ClassTarget, sorted_labels

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["NetworkClassifier"]


class NetworkClassifier(ClassifierMixin, KerasNetwork):
    """Base of the classifiers: from labels to targets, and from outputs to labels."""

    def partial_fit(  # type: ignore[override]  # scikit-learn wants classes third
        self,
        X: ArrayLike,
        y: ArrayLike,
        classes: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
    ) -> Self:
        """Train for one epoch more, on these rows.

        Schedules take each call for one of ``epochs`` epochs, and end with the last of them.

        Parameters
        ----------
        X : array-like of shape (n_rows, n_features)
        y : array-like of shape (n_rows,) or (n_rows, n_labels)
        classes : array-like of shape (n_classes,), default=None
            All labels that will ever come. Used in the first call, and needed there if its ``y``
            lacks some; a matrix of labels has them in its columns.
        sample_weight : array-like of shape (n_rows,), default=None

        Returns
        -------
        self
        """
        if self.class_weight == "balanced":
            raise ValueError(
                "class_weight='balanced' is not supported for partial_fit, which sees only some of "
                "the rows; pass the weights as a dict, for example from "
                "sklearn.utils.compute_class_weight over all rows."
            )
        if self.initialized_ and classes is not None:
            self._check_classes(classes)
        for _ in self._train(
            X, y, sample_weight, continues=self.initialized_, is_partial=True, classes=classes
        ):
            pass
        return self

    def _check_classes(self, classes: ArrayLike) -> None:
        if self.target_encoder_.type_ == "multilabel-indicator":
            return
        if not np.array_equal(np.unique(classes), self.classes_):
            raise ValueError(
                f"classes={np.unique(classes).tolist()} is not the same as on last call to "
                f"partial_fit, was: {self.classes_.tolist()}."
            )

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Predict labels.

        Parameters
        ----------
        X : array-like of shape (n_rows, n_features)

        Returns
        -------
        ndarray of shape (n_rows,) or (n_rows, n_labels)
        """
        outputs = self._outputs(X)
        return self.target_encoder_.labels(outputs)

    def predict_proba(self, X: ArrayLike) -> NDArray[Any]:
        """Predict probabilities.

        Parameters
        ----------
        X : array-like of shape (n_rows, n_features)

        Returns
        -------
        ndarray of shape (n_rows, n_classes), float64
            Columns in the order of ``classes_``.
        """
        outputs = self._outputs(X)
        return self.target_encoder_.probabilities(outputs)

    def predict_log_proba(self, X: ArrayLike) -> NDArray[Any]:
        """Predict logarithms of probabilities.

        Parameters
        ----------
        X : array-like of shape (n_rows, n_features)

        Returns
        -------
        ndarray of shape (n_rows, n_classes), float64
        """
        with np.errstate(divide="ignore"):
            logs: NDArray[Any] = np.log(self.predict_proba(X))
        return logs

    def decision_function(self, X: ArrayLike) -> NDArray[Any]:
        """Log odds (binary, multilabel) or log probabilities (multiclass).

        Parameters
        ----------
        X : array-like of shape (n_rows, n_features)

        Returns
        -------
        ndarray of shape (n_rows,) or (n_rows, n_classes), float64
            Positive where the second class, or the label, is the more likely.
        """
        outputs = self._outputs(X)
        return self.target_encoder_.decisions(outputs)

    @property
    def classes_(self) -> NDArray[Any]:
        """The labels, sorted."""
        return self.target_encoder_.classes_

    @property
    def target_encoder(self) -> ClassTarget:
        """An unfitted encoder of the labels."""
        return ClassTarget()

    def _fit_target_encoder(
        self, y: NDArray[Any], all_y: Any, classes: ArrayLike | None
    ) -> ClassTarget:
        if classes is None and y.ndim == 1:
            # A class is one even where none of its rows weighs anything.
            labels = all_y.toarray() if issparse(all_y) else np.asarray(all_y)
            classes = sorted_labels(labels)
        encoder: ClassTarget = self.target_encoder.set_params(classes=classes)
        return encoder.fit(y)

    def _row_weights(
        self, X: ArrayLike, y: ArrayLike | None, sample_weight: ArrayLike | None
    ) -> NDArray[Any] | None:
        if self.class_weight is not None and y is not None:
            labels = check_array(
                y, accept_sparse="csr", ensure_2d=False, dtype=None, input_name="y", estimator=self
            )
            check_consistent_length(X, labels)
            if labels.dtype == object:
                sorted_labels(labels)  # of which the weights could not be told
            by_class = compute_sample_weight(self.class_weight, labels)
            sample_weight = by_class * check_sample_weight(sample_weight, X, dtype="float64")
        return super()._row_weights(X, y, sample_weight)

    @property
    def _output_activation(self) -> str:
        return str(self.target_encoder_.output_activation_)

    @property
    def _objective(self) -> Objective:
        if self.target_encoder_.type_ == "multiclass":
            return Objective("sparse_categorical_crossentropy", "sparse_categorical_accuracy")
        return Objective("binary_crossentropy", "binary_accuracy")

    def _strata(self, y: NDArray[Any]) -> NDArray[Any] | None:
        return None if self.target_encoder_.type_ == "multilabel-indicator" else y.ravel()

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        tags.target_tags.multi_output = False
        return tags
