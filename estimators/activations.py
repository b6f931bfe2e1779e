"""Activation functions of the hidden layers, by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import keras

from estimators.layers import LeakyReLU, RandomizedLeakyReLU

__all__ = ["ACTIVATIONS", "Activation"]


LayerFactory = Callable[..., keras.layers.Layer]


@dataclass(frozen=True)
class Activation:
    """An activation function and what goes with it.

    Attributes
    ----------
    layer : callable
        Makes the layer from ``negative_slope`` (None: the activation's own default), ``seed``
        and ``name``.
    initializer : str
        The kernel initializer that matches, taken by ``kernel_initializer="auto"``.
    suited_initializers : frozenset of str
        The initializers under which signals keep their size from layer to layer.
    reference : str
        Where the pair of activation and initializer is from.
    """

    layer: LayerFactory
    initializer: str
    suited_initializers: frozenset[str]
    reference: str


def _named(function: str) -> LayerFactory:
    def layer(*, negative_slope=None, seed=None, name=None):
        return keras.layers.Activation(function, name=name)

    return layer


def _leaky_relu(*, negative_slope=None, seed=None, name=None):
    slope = 0.01 if negative_slope is None else negative_slope
    return LeakyReLU(negative_slope=slope, name=name)


def _prelu(*, negative_slope=None, seed=None, name=None):
    slope = 0.25 if negative_slope is None else negative_slope
    return keras.layers.PReLU(alpha_initializer=keras.initializers.Constant(slope), name=name)


def _randomized_leaky_relu(*, negative_slope=None, seed=None, name=None):
    return RandomizedLeakyReLU(seed=seed, name=name)


_FREE = frozenset({"variance_scaling", "orthogonal"})
_GLOROT = frozenset({"glorot_normal", "glorot_uniform"}) | _FREE
_HE = frozenset({"he_normal", "he_uniform"}) | _FREE
_LECUN = frozenset({"lecun_normal", "lecun_uniform"})

_GLOROT_2010 = "Glorot and Bengio 2010, https://proceedings.mlr.press/v9/glorot10a.html"
_HE_2015 = "He et al. 2015, https://arxiv.org/abs/1502.01852"
_KLAMBAUER_2017 = "Klambauer et al. 2017, https://arxiv.org/abs/1706.02515"

ACTIVATIONS: dict[str, Activation] = {
    "linear": Activation(_named("linear"), "glorot_uniform", _GLOROT | _LECUN, _GLOROT_2010),
    "relu": Activation(_named("relu"), "he_normal", _HE, _HE_2015),
    "leaky_relu": Activation(_leaky_relu, "he_normal", _HE, _HE_2015),
    "randomized_leaky_relu": Activation(_randomized_leaky_relu, "he_normal", _HE, _HE_2015),
    "prelu": Activation(_prelu, "he_normal", _HE, _HE_2015),
    "elu": Activation(_named("elu"), "he_normal", _HE, _HE_2015),
    "selu": Activation(
        _named("selu"), "lecun_normal", frozenset({"lecun_normal"}), _KLAMBAUER_2017
    ),
    "gelu": Activation(_named("gelu"), "he_normal", _HE, _HE_2015),
    "silu": Activation(_named("silu"), "he_normal", _HE, _HE_2015),
    "sigmoid": Activation(_named("sigmoid"), "glorot_uniform", _GLOROT | _LECUN, _GLOROT_2010),
    "tanh": Activation(_named("tanh"), "glorot_uniform", _GLOROT | _LECUN, _GLOROT_2010),
}
