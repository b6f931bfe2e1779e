"""The documentation of the parameters and attributes that both estimators share."""

from __future__ import annotations

from string import Template

__all__ = ["document_shared"]

_PARAMETERS = """\
    hidden_layer_sizes : int or sequence of int, default=(100,)
        Units of each hidden layer, from the input on.
    activation : {"linear", "relu", "leaky_relu", "randomized_leaky_relu", "prelu", "elu", \\
            "selu", "gelu", "silu", "sigmoid", "tanh"}, default="relu"
        Activation of the hidden layers. "randomized_leaky_relu" divides negative inputs by a
        number drawn from U(3, 8) in training and by 5.5 at prediction [1]_; "prelu" learns its
        slopes [2]_; "selu" wants standardized input and plain layers [3]_.
    negative_slope : float, default=None
        Slope below zero of "leaky_relu" (None: 0.01) and first slope of "prelu" (None: 0.25).
    kernel_initializer : {"auto", "zeros", "ones", "glorot_normal", "glorot_uniform", \\
            "he_normal", "he_uniform", "lecun_normal", "lecun_uniform", "orthogonal", \\
            "variance_scaling"}, default="auto"
        Initial weights of the hidden layers. "auto" takes what matches the activation: he_normal
        [2]_ for relu and its kin, lecun_normal [3]_ for selu, glorot_uniform [4]_ for linear,
        sigmoid and tanh. The output layer always has glorot_uniform.
    initializer_scale : float, default=1.0
        Scale of "variance_scaling": the variance of the weights is ``scale / fan``.
    initializer_mode : {"fan_in", "fan_out", "fan_avg"}, default="fan_in"
        Fan of "variance_scaling".
    initializer_distribution : {"truncated_normal", "untruncated_normal", "uniform"}, \\
            default="truncated_normal"
        Distribution of "variance_scaling".
    bias_initializer : {"zeros", "ones"}, default="zeros"
        Initial biases of the hidden layers.
    batch_norm : {"before_dense", "after_dense", "after_activation"}, bool or None, default=None
        Where each hidden layer has its batch normalization [5]_. "before_dense" normalizes the
        input of the network too; True is the place of the paper, "after_dense"; False is None.
    dropout : float, default=0.0
        Share of each hidden layer's outputs dropped in training, in [0, 1); alpha dropout [3]_
        under "selu".
    optimizer : {"sgd", "rmsprop", "adagrad", "adadelta", "adam", "adamw", "adamax", "nadam", \\
            "lion"}, default="adam"
        Keras optimizer, with Keras' own defaults for what is not a parameter here.
    learning_rate : float or keras.optimizers.schedules.LearningRateSchedule, default=0.001
        Step size, or a schedule over the steps.
    momentum : float, default=0.0
        Momentum of "sgd" and "rmsprop", in [0, 1).
    nesterov : bool, default=False
        Whether the momentum of "sgd" is Nesterov's.
    weight_decay : float, default=0.0
        Decoupled weight decay a step, as a fraction of the learning rate [6]_.
    clipnorm : float, default=None
        Longest norm that the gradient of each weight array may have; longer ones are shortened.
    clipvalue : float, default=None
        Largest size that an entry of a gradient may have.
    global_clipnorm : float, default=None
        Longest norm that all gradients together may have [7]_. At most one of the three
        clippings may be set.
    batch_size : int, default=32
        Rows a step. The last, smaller batch of an epoch is trained on too.
    epochs : int, default=100
        Passes over the training rows in ``fit``.
    shuffle : bool, default=True
        Whether each epoch has an order of the rows of its own.
    early_stopping : bool, default=False
        Whether to stop once the validation loss has not improved for ``patience`` epochs, and go
        back to the best epoch's weights.
    validation_fraction : float, default=0.1
        Share of the training rows set aside by early stopping, stratified by class, unless
        ``fit`` is given ``X_val`` and ``y_val``.
    patience : int, default=10
        Epochs without improvement that early stopping allows.
    min_delta : float, default=0.0
        Smallest fall of the validation loss that is an improvement.
    engine : {"auto", "compiled", "uncompiled", "keras"}, default="auto"
        What trains: one XLA program an epoch ("compiled"), the same without XLA ("uncompiled") or
        ``keras.Model.fit`` ("keras"); all three do the same mathematics. "auto" compiles from 2,000
        steps on, and takes Model.fit where a callback needs batches or the rows take more than two
        fifths of the memory.
    warm_start : bool, default=False
        Whether ``fit`` goes on from the weights, optimizer and history of the last one; parameters
        of network and optimizer that were changed meanwhile have no effect then.
    callbacks : keras.callbacks.Callback or list of them, default=None
        Told of the training as by ``keras.Model.fit``.
    random_state : int, RandomState instance or None, default=None
        Seed of initial weights, order of the rows, dropout, random slopes and validation rows. An
        int gives the same network bit for bit; no global state is touched.
    verbose : int or bool, default=0
        0 is silent, 1 shows a progress bar, 2 a line an epoch."""

_ATTRIBUTES = """\
    model_ : keras.Model
        The trained network, compiled.
    history_ : dict of str to list of float
        Loss and metrics by epoch, over all calls of ``partial_fit`` and warm fits; names that
        begin with "val_" are of the validation rows.
    n_iter_ : int
        Epochs run so far.
    loss_ : float
        Training loss of the last epoch.
    best_epoch_ : int or None
        Epoch, from 1, whose weights early stopping kept; None without it.
    epoch_seconds_ : list of float
        Wall time of each epoch of the last fit, in seconds.
    seed_ : int
        Seed of the training, drawn from ``random_state``.
    target_encoder_ : estimators.targets.ClassTarget or estimators.targets.ValueTarget
        Turns targets into what the network learns, and its outputs back.
    n_features_in_ : int
        Number of columns seen in fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, where the input had names that are all strings."""

_REFERENCES = """\
    .. [1] Xu et al. 2015, https://arxiv.org/abs/1505.00853
    .. [2] He et al. 2015, https://arxiv.org/abs/1502.01852
    .. [3] Klambauer et al. 2017, https://arxiv.org/abs/1706.02515
    .. [4] Glorot and Bengio 2010, https://proceedings.mlr.press/v9/glorot10a.html
    .. [5] Ioffe and Szegedy 2015, https://arxiv.org/abs/1502.03167
    .. [6] Loshchilov and Hutter 2019, https://arxiv.org/abs/1711.05101
    .. [7] Pascanu et al. 2013, https://arxiv.org/abs/1211.5063"""


def document_shared(estimator: type) -> type:
    """Put the shared documentation into the places that a class docstring marks."""
    estimator.__doc__ = Template(estimator.__doc__ or "").substitute(
        parameters=_PARAMETERS.lstrip(),
        attributes=_ATTRIBUTES.lstrip(),
        references=_REFERENCES.lstrip(),
    )
    return estimator
