"""The network: a pure function from hyperparameters to a Keras model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import keras
import numpy as np

from estimators.activations import ACTIVATIONS
from estimators.initializers import make_initializer
from estimators.layers import AlphaDropout, Dropout

__all__ = ["BATCH_NORM_PLACEMENTS", "build_network"]

BATCH_NORM_PLACEMENTS = ("before_dense", "after_dense", "after_activation")


def build_network(
    n_features: int,
    n_outputs: int,
    *,
    hidden_layer_sizes: Sequence[int] = (100,),
    activation: str = "relu",
    negative_slope: float | None = None,
    output_activation: str = "linear",
    kernel_initializer: str = "auto",
    initializer_scale: float = 1.0,
    initializer_mode: str = "fan_in",
    initializer_distribution: str = "truncated_normal",
    bias_initializer: str = "zeros",
    batch_norm: str | None = None,
    dropout: float = 0.0,
    seed: int | None = None,
) -> keras.Model:
    """Build an uncompiled multilayer perceptron.

    Parameters
    ----------
    n_features, n_outputs : int
        Width of the input and of the output.
    hidden_layer_sizes : sequence of int, default=(100,)
        Units of each hidden layer; empty for a linear model.
    activation : str, default="relu"
        Activation of the hidden layers, a key of ``estimators.activations.ACTIVATIONS``.
    negative_slope : float, default=None
        Slope below zero of "leaky_relu" (None: 0.01), first value of the learned slopes of
        "prelu" (None: 0.25).
    output_activation : {"linear", "sigmoid", "softmax"}, default="linear"
        Activation of the output.
    kernel_initializer : str, default="auto"
        Initializer of the hidden layers' kernels, a key of
        ``estimators.initializers.INITIALIZERS``; "auto" is the one that matches the activation.
        The output layer is always initialized by "glorot_uniform".
    initializer_scale, initializer_mode, initializer_distribution
        Of "variance_scaling" alone; see :func:`estimators.initializers.make_initializer`.
    bias_initializer : {"zeros", "ones"}, default="zeros"
        Initializer of the hidden layers' biases.
    batch_norm : {"before_dense", "after_dense", "after_activation"}, default=None
        Where each hidden layer has its batch normalization, if anywhere.
    dropout : float, default=0.0
        Share of each hidden layer's outputs that training drops; alpha dropout under "selu".
    seed : int, default=None
        Seed of the initial weights and of every random layer. The same seed gives the same
        network, whatever ran before; no global state is read or written.

    Returns
    -------
    keras.Model
        A ``keras.Sequential``, float32, input shape ``(n_rows, n_features)``, output shape
        ``(n_rows, n_outputs)``.

    Examples
    --------
    >>> network = build_network(8, 1, hidden_layer_sizes=(100, 50), batch_norm="before_dense")
    >>> [layer.name for layer in network.layers][:4]
    ['batch_norm_0', 'dense_0', 'activation_0', 'batch_norm_1']
    >>> network.count_params()
    6433
    """
    seeds = _seeds(seed)
    name = (
        ACTIVATIONS[activation].initializer if kernel_initializer == "auto" else kernel_initializer
    )
    layers: list[keras.layers.Layer] = [keras.Input((n_features,), dtype="float32")]
    for index, units in enumerate(hidden_layer_sizes):
        layers += _hidden_layer(
            index,
            dense=keras.layers.Dense(
                units,
                use_bias=batch_norm != "after_dense",
                kernel_initializer=make_initializer(
                    name,
                    seed=next(seeds),
                    scale=initializer_scale,
                    mode=initializer_mode,
                    distribution=initializer_distribution,
                ),
                bias_initializer=make_initializer(bias_initializer),
                name=f"dense_{index}",
            ),
            activation=ACTIVATIONS[activation].layer(
                negative_slope=negative_slope, seed=next(seeds), name=f"activation_{index}"
            ),
            batch_norm=batch_norm,
        )
        if dropout:
            make = AlphaDropout if activation == "selu" else Dropout
            layers.append(make(float(dropout), seed=next(seeds), name=f"dropout_{index}"))
    layers.append(
        keras.layers.Dense(
            n_outputs,
            activation=output_activation,
            kernel_initializer=make_initializer("glorot_uniform", seed=next(seeds)),
            name="output",
        )
    )
    for layer in layers[1:]:
        layer.dtype_policy = "float32"  # whatever Keras' global policy says
    return keras.Sequential(layers, name="mlp")


def _hidden_layer(
    index: int,
    *,
    dense: keras.layers.Layer,
    activation: keras.layers.Layer,
    batch_norm: str | None,
) -> list[keras.layers.Layer]:
    if batch_norm is None:
        return [dense, activation]
    normalization = keras.layers.BatchNormalization(name=f"batch_norm_{index}")
    place = BATCH_NORM_PLACEMENTS.index(batch_norm)
    layers = [dense, activation]
    layers.insert(place, normalization)
    return layers


def _seeds(seed: int | None) -> Iterator[int]:
    """Yield independent seeds, the same ones for the same seed."""
    sequence = np.random.SeedSequence(seed)
    while True:
        (child,) = sequence.spawn(1)
        yield int(child.generate_state(1)[0] >> 1)
