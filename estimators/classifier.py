"""The classifier."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from scipy.sparse import issparse
from sklearn.base import ClassifierMixin
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.validation import check_array, check_consistent_length

from estimators._sklearn import check_sample_weight
from estimators.base import KerasMLP
from estimators.objective import Objective
from estimators.targets import ClassTarget
from estimators.techniques import CLASSIFIER_TECHNIQUES

if TYPE_CHECKING:
    import keras
    from numpy.typing import ArrayLike, NDArray

__all__ = ["KerasMLPClassifier"]


class KerasMLPClassifier(ClassifierMixin, KerasMLP):
    """Multilayer perceptron for classification, a Keras network as a scikit-learn estimator.

    Binary, multiclass (cross-entropy under a sigmoid or softmax) and multilabel targets (a 0/1
    matrix; one sigmoid a label); labels may be numbers, strings or booleans.

    Parameters
    ----------
    $parameters

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels; for a multilabel target the numbers of its columns.
    $attributes

    See Also
    --------
    KerasMLPRegressor : The same for numbers.
    sklearn.neural_network.MLPClassifier : scikit-learn's own.

    References
    ----------
    $references

    Examples
    --------
    >>> from estimators import KerasMLPClassifier
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> X, y = load_iris(return_X_y=True)
    >>> model = make_pipeline(
    ...     StandardScaler(),
    ...     KerasMLPClassifier((20, 20), activation="selu", epochs=20, random_state=0),
    ... )
    >>> bool(model.fit(X, y).score(X, y) > 0.9)
    True
    """

    techniques = CLASSIFIER_TECHNIQUES

    def __init__(
        self,
        hidden_layer_sizes: int | Sequence[int] = (100,),
        activation: str = "relu",
        *,
        negative_slope: float | None = None,
        parametric_activation: bool = False,
        kernel_initializer: str = "auto",
        initializer_scale: float = 1.0,
        initializer_mode: str = "fan_in",
        initializer_distribution: str = "truncated_normal",
        bias_initializer: str = "zeros",
        data_initialization: bool = False,
        parametrization: str = "standard",
        batch_norm: str | bool | None = None,
        layer_norm: bool = False,
        residual: bool = False,
        categorical_features: ArrayLike | str | None = "from_dtype",
        max_one_hot: int = 8,
        category_embedding_dim: int = 8,
        numeric_embedding: str | None = None,
        n_bins: int = 32,
        numeric_embedding_dim: int = 8,
        n_frequencies: int = 16,
        frequency_scale: float = 0.1,
        feature_scale: bool = False,
        dropout: float = 0.0,
        dropout_schedule: str = "constant",
        optimizer: str = "adam",
        learning_rate: float | keras.optimizers.schedules.LearningRateSchedule = 0.001,
        learning_rate_schedule: str = "constant",
        warmup_fraction: float = 0.0,
        learning_rate_factors: dict[str, float] | None = None,
        momentum: float = 0.0,
        nesterov: bool = False,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        weight_decay: float = 0.0,
        weight_decay_schedule: str = "constant",
        weight_decay_biases: bool = True,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        batch_size: int = 32,
        epochs: int = 100,
        shuffle: bool = True,
        mixup: float = 0.0,
        weight_averaging: str | None = None,
        ema_momentum: float = 0.999,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        patience: int | None = 10,
        min_delta: float = 0.0,
        calibration: str | None = None,
        class_weight: dict[Any, float] | list[dict[Any, float]] | str | None = None,
        label_smoothing: float = 0.0,
        n_members: int = 1,
        member_params: list[dict[str, Any]] | None = None,
        member_sharing: str | None = None,
        engine: str = "auto",
        warm_start: bool = False,
        callbacks: keras.callbacks.Callback | list[keras.callbacks.Callback] | None = None,
        random_state: int | np.random.RandomState | None = None,
        verbose: int | bool = 0,
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.negative_slope = negative_slope
        self.parametric_activation = parametric_activation
        self.kernel_initializer = kernel_initializer
        self.initializer_scale = initializer_scale
        self.initializer_mode = initializer_mode
        self.initializer_distribution = initializer_distribution
        self.bias_initializer = bias_initializer
        self.data_initialization = data_initialization
        self.parametrization = parametrization
        self.batch_norm = batch_norm
        self.layer_norm = layer_norm
        self.residual = residual
        self.categorical_features = categorical_features
        self.max_one_hot = max_one_hot
        self.category_embedding_dim = category_embedding_dim
        self.numeric_embedding = numeric_embedding
        self.n_bins = n_bins
        self.numeric_embedding_dim = numeric_embedding_dim
        self.n_frequencies = n_frequencies
        self.frequency_scale = frequency_scale
        self.feature_scale = feature_scale
        self.dropout = dropout
        self.dropout_schedule = dropout_schedule
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.learning_rate_schedule = learning_rate_schedule
        self.warmup_fraction = warmup_fraction
        self.learning_rate_factors = learning_rate_factors
        self.momentum = momentum
        self.nesterov = nesterov
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.weight_decay = weight_decay
        self.weight_decay_schedule = weight_decay_schedule
        self.weight_decay_biases = weight_decay_biases
        self.clipnorm = clipnorm
        self.clipvalue = clipvalue
        self.global_clipnorm = global_clipnorm
        self.batch_size = batch_size
        self.epochs = epochs
        self.shuffle = shuffle
        self.mixup = mixup
        self.weight_averaging = weight_averaging
        self.ema_momentum = ema_momentum
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.patience = patience
        self.min_delta = min_delta
        self.calibration = calibration
        self.class_weight = class_weight
        self.label_smoothing = label_smoothing
        self.n_members = n_members
        self.member_params = member_params
        self.member_sharing = member_sharing
        self.engine = engine
        self.warm_start = warm_start
        self.callbacks = callbacks
        self.random_state = random_state
        self.verbose = verbose

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
            classes = np.unique(labels)
        return ClassTarget(classes).fit(y)

    def _row_weights(
        self, X: ArrayLike, y: ArrayLike | None, sample_weight: ArrayLike | None
    ) -> NDArray[Any] | None:
        if self.class_weight is not None and y is not None:
            labels = check_array(
                y, accept_sparse="csr", ensure_2d=False, dtype=None, input_name="y", estimator=self
            )
            check_consistent_length(X, labels)
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
