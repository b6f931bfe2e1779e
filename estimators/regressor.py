"""The regressor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from estimators.network_regressor import NetworkRegressor
from estimators.techniques import REGRESSOR_TECHNIQUES

if TYPE_CHECKING:
    import keras
    import numpy as np
    from numpy.typing import ArrayLike

__all__ = ["KerasMLPRegressor"]


class KerasMLPRegressor(NetworkRegressor):
    """Multilayer perceptron for regression, a Keras network as a scikit-learn estimator.

    One target column or several. A target far from mean 0 and deviation 1 trains badly: set
    ``standardize_target``.

    Parameters
    ----------
    $parameters

    Attributes
    ----------
    $attributes

    See Also
    --------
    KerasMLPClassifier : The same for labels.
    sklearn.neural_network.MLPRegressor : scikit-learn's own.

    References
    ----------
    $references

    Examples
    --------
    >>> import numpy as np
    >>> from estimators import KerasMLPRegressor
    >>> X = np.linspace(-1, 1, 200).reshape(-1, 1)
    >>> model = KerasMLPRegressor((50,), learning_rate=0.01, epochs=50, random_state=0)
    >>> bool(model.fit(X, X.ravel() ** 2).score(X, X.ravel() ** 2) > 0.9)
    True
    """

    techniques = REGRESSOR_TECHNIQUES

    def __init__(
        self,
        hidden_layer_sizes: int | Sequence[int] = (100,),
        activation: str = "relu",
        *,
        loss: str = "mean_squared_error",
        standardize_target: bool = False,
        clip_target: bool = False,
        negative_slope: float | None = None,
        parametric_activation: bool = False,
        kernel_initializer: str = "auto",
        initializer_scale: float = 1.0,
        initializer_mode: str = "fan_in",
        initializer_distribution: str = "truncated_normal",
        bias_initializer: str = "zeros",
        data_initialization: bool = False,
        init_from: Any = None,
        init_layers: str = "hidden",
        frozen_layers: int = 0,
        unfreeze_at: int | None = None,
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
        image_shape: tuple[int, ...] | None = None,
        random_shift: int = 0,
        random_flip: bool = False,
        random_erasing: float = 0.0,
        dropout: float = 0.0,
        dropout_schedule: str = "constant",
        optimizer: str = "adam",
        learning_rate: float | keras.optimizers.schedules.LearningRateSchedule = 0.001,
        learning_rate_schedule: str = "constant",
        warmup_fraction: float = 0.0,
        learning_rate_factors: dict[str, float] | None = None,
        layer_learning_rates: float | Sequence[float] = 1.0,
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
        self.loss = loss
        self.standardize_target = standardize_target
        self.clip_target = clip_target
        self.negative_slope = negative_slope
        self.parametric_activation = parametric_activation
        self.kernel_initializer = kernel_initializer
        self.initializer_scale = initializer_scale
        self.initializer_mode = initializer_mode
        self.initializer_distribution = initializer_distribution
        self.bias_initializer = bias_initializer
        self.data_initialization = data_initialization
        self.init_from = init_from
        self.init_layers = init_layers
        self.frozen_layers = frozen_layers
        self.unfreeze_at = unfreeze_at
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
        self.image_shape = image_shape
        self.random_shift = random_shift
        self.random_flip = random_flip
        self.random_erasing = random_erasing
        self.dropout = dropout
        self.dropout_schedule = dropout_schedule
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.learning_rate_schedule = learning_rate_schedule
        self.warmup_fraction = warmup_fraction
        self.learning_rate_factors = learning_rate_factors
        self.layer_learning_rates = layer_learning_rates
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
        self.n_members = n_members
        self.member_params = member_params
        self.member_sharing = member_sharing
        self.engine = engine
        self.warm_start = warm_start
        self.callbacks = callbacks
        self.random_state = random_state
        self.verbose = verbose
