"""The recurrent classifier."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from estimators.step_outputs import StepClassifier
from estimators.techniques import RECURRENT_CLASSIFIER_TECHNIQUES

if TYPE_CHECKING:
    import keras
    import numpy as np

__all__ = ["KerasRNNClassifier"]


class KerasRNNClassifier(StepClassifier):
    """Recurrent network that classifies sequences, a Keras network as a scikit-learn estimator.

    One label a sequence: binary, multiclass and multilabel targets, as
    :class:`KerasMLPClassifier` has them. With ``return_sequences=True`` one a step, as for tagging:
    ``y`` and predictions have the shape (n_rows, n_steps), probabilities (n_rows, n_steps,
    n_classes); loss, metrics and score count each real step the same.

    ``X`` has the shape (n_rows, n_steps, n_channels), or is flat, (n_rows, n_steps * n_channels),
    with all channels of a step side by side, for pipelines and searches of scikit-learn. Shorter
    sequences are padded with nan at their end; these steps count nowhere, whatever ``y`` has there.
    By step their probabilities are nan, and their label is that of the last real step.

    Parameters
    ----------
    $parameters

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels; for a multilabel target the numbers of its columns.
    n_steps_, n_channels_ : int
        Shape of the sequences seen in fit.
    $attributes

    See Also
    --------
    KerasRNNRegressor : The same for numbers.
    KerasMLPClassifier : For rows of a table.

    References
    ----------
    $references

    Examples
    --------
    >>> import numpy as np
    >>> from estimators import KerasRNNClassifier
    >>> X = np.random.default_rng(0).normal(size=(200, 12, 2))
    >>> X[::3, 8:] = np.nan  # these sequences end after eight steps
    >>> y = np.nansum(X[:, :, 0], axis=1) > 0
    >>> model = KerasRNNClassifier((16,), "gru", learning_rate=0.005, epochs=40, random_state=0)
    >>> bool(model.fit(X, y).score(X, y) > 0.9)
    True

    Whether the sum so far is above 0, in each step:

    >>> y = np.nancumsum(X[:, :, 0], axis=1) > 0
    >>> model.set_params(return_sequences=True).fit(X, y).predict(X).shape
    (200, 12)
    >>> bool(model.score(X, y) > 0.9)
    True
    """

    techniques = RECURRENT_CLASSIFIER_TECHNIQUES

    def __init__(
        self,
        hidden_layer_sizes: int | Sequence[int] = (64,),
        cell: str = "lstm",
        *,
        bidirectional: bool = False,
        return_sequences: bool = False,
        activation: str = "tanh",
        kernel_initializer: str = "auto",
        initializer_scale: float = 1.0,
        initializer_mode: str = "fan_in",
        initializer_distribution: str = "truncated_normal",
        recurrent_initializer: str = "orthogonal",
        bias_initializer: str = "zeros",
        init_from: Any = None,
        init_layers: str = "hidden",
        frozen_layers: int = 0,
        unfreeze_at: int | None = None,
        layer_learning_rates: float | Sequence[float] = 1.0,
        batch_norm: bool = False,
        layer_norm: bool = False,
        dropout: float = 0.0,
        dropout_schedule: str = "constant",
        recurrent_dropout: float = 0.0,
        n_steps: int | None = None,
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
        early_stopping: bool | str = "auto",
        validation_fraction: float | str = 0.1,
        patience: int | None = 10,
        min_delta: float = 0.0,
        calibration: str | None = None,
        class_weight: dict[Any, float] | list[dict[Any, float]] | str | None = None,
        label_smoothing: float = 0.0,
        n_members: int = 1,
        member_params: list[dict[str, Any]] | None = None,
        engine: str = "auto",
        warm_start: bool = False,
        callbacks: keras.callbacks.Callback | list[keras.callbacks.Callback] | None = None,
        random_state: int | np.random.RandomState | None = None,
        verbose: int | bool = 0,
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.cell = cell
        self.bidirectional = bidirectional
        self.return_sequences = return_sequences
        self.activation = activation
        self.kernel_initializer = kernel_initializer
        self.initializer_scale = initializer_scale
        self.initializer_mode = initializer_mode
        self.initializer_distribution = initializer_distribution
        self.recurrent_initializer = recurrent_initializer
        self.bias_initializer = bias_initializer
        self.init_from = init_from
        self.init_layers = init_layers
        self.frozen_layers = frozen_layers
        self.unfreeze_at = unfreeze_at
        self.layer_learning_rates = layer_learning_rates
        self.batch_norm = batch_norm
        self.layer_norm = layer_norm
        self.dropout = dropout
        self.dropout_schedule = dropout_schedule
        self.recurrent_dropout = recurrent_dropout
        self.n_steps = n_steps
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
        self.engine = engine
        self.warm_start = warm_start
        self.callbacks = callbacks
        self.random_state = random_state
        self.verbose = verbose
