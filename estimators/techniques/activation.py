"""Activation functions of the hidden layers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import TYPE_CHECKING, Any

from estimators._sklearn import Interval, StrOptions
from estimators.techniques.references import HOLZMULLER_2024
from estimators.techniques.rule import Rule, Setting, has, without_effect
from estimators.techniques.technique import (
    Arm,
    Hyperparameter,
    NetworkPlan,
    Params,
    Reference,
    SearchDomain,
    Stage,
    Summary,
    Technique,
)

if TYPE_CHECKING:
    import keras

__all__ = ["ACTIVATIONS", "Activation", "ActivationFunction"]

GLOROT_2010 = Reference(
    "Glorot2010", "Glorot and Bengio 2010", "https://proceedings.mlr.press/v9/glorot10a.html"
)
HE_2015 = Reference("He2015", "He et al. 2015", "https://arxiv.org/abs/1502.01852")
KLAMBAUER_2017 = Reference(
    "Klambauer2017", "Klambauer et al. 2017", "https://arxiv.org/abs/1706.02515"
)
MISRA_2019 = Reference("Misra2019", "Misra 2019", "https://arxiv.org/abs/1908.08681")
XU_2015 = Reference("Xu2015", "Xu et al. 2015", "https://arxiv.org/abs/1505.00853")

_ANY = frozenset({"variance_scaling", "orthogonal"})
_GLOROT_OR_LECUN = _ANY | {"glorot_normal", "glorot_uniform", "lecun_normal", "lecun_uniform"}
_HE = _ANY | {"he_normal", "he_uniform"}


@dataclass(frozen=True)
class ActivationFunction:
    """An activation function and what goes with it.

    Attributes
    ----------
    initializer : str
        The kernel initializer that matches, taken by ``kernel_initializer="auto"``.
    suited_initializers : frozenset of str
        The initializers under which signals keep their size from layer to layer.
    reference : Reference
        Where the pair of activation and initializer is from.
    negative_slope : float or None
        Default slope below zero, of a function that has one as parameter.
    """

    initializer: str
    suited_initializers: frozenset[str]
    reference: Reference
    negative_slope: float | None = None


_LINEAR = ActivationFunction("glorot_uniform", _GLOROT_OR_LECUN, GLOROT_2010)
_RELU = ActivationFunction("he_normal", _HE, HE_2015)

ACTIVATIONS: dict[str, ActivationFunction] = {
    "linear": _LINEAR,
    "relu": _RELU,
    "leaky_relu": ActivationFunction("he_normal", _HE, HE_2015, negative_slope=0.01),
    "randomized_leaky_relu": _RELU,
    "prelu": ActivationFunction("he_normal", _HE, HE_2015, negative_slope=0.25),
    "elu": _RELU,
    "selu": ActivationFunction("lecun_normal", frozenset({"lecun_normal"}), KLAMBAUER_2017),
    "gelu": _RELU,
    "silu": _RELU,
    "mish": _RELU,
    "sigmoid": _LINEAR,
    "tanh": _LINEAR,
}


def _is_selu(setting: Setting) -> bool:
    return setting.has_hidden_layers and setting["activation"] == "selu"


class Activation(Technique):
    """The function between two dense layers."""

    hyperparameters = (
        Hyperparameter(
            "activation",
            "relu",
            (StrOptions(set(ACTIVATIONS)),),
            '{"linear", "relu", "leaky_relu", "randomized_leaky_relu", "prelu", "elu", "selu", '
            '"gelu", "silu", "mish", "sigmoid", "tanh"}',
            'Activation of the hidden layers. "randomized_leaky_relu" divides negative inputs by a '
            'number drawn from U(3, 8) in training and by 5.5 at prediction [Xu2015]_; "prelu" '
            'learns its slopes [He2015]_; "selu" wants standardized input and plain layers '
            '[Klambauer2017]_; "mish" is [Misra2019]_.',
            search=(
                SearchDomain(
                    [
                        *("relu", "leaky_relu", "randomized_leaky_relu", "prelu", "elu", "selu"),
                        *("gelu", "silu", "mish", "tanh"),
                    ]
                ),
            ),
        ),
        Hyperparameter(
            "negative_slope",
            None,
            (Interval(Real, 0, None, closed="left"), None),
            "float",
            'Slope below zero of "leaky_relu" (None: 0.01) and first slope of "prelu" (None: '
            "0.25).",
            role="dynamic",
        ),
        Hyperparameter(
            "parametric_activation",
            False,
            ("boolean",),
            "bool",
            "Whether each unit learns how much of the activation it takes: "
            "``x + alpha * (activation(x) - x)``, with alpha from 1 on [Holzmuller2024]_.",
            search=(SearchDomain([False, True]), SearchDomain(False, when={"activation": "selu"})),
        ),
    )
    rules = (
        Rule(
            "selu wants standardized input",
            lambda setting: (
                _is_selu(setting)
                and setting["batch_norm"] != "before_dense"
                and not setting.is_standardized
            ),
            "the input has mean {input_mean:.3g} and deviation {input_std:.3g}",
            "put a StandardScaler before the network, or use activation='elu'",
            str(KLAMBAUER_2017),
        ),
        Rule(
            "selu wants plain layers",
            lambda setting: _is_selu(setting) and setting["batch_norm"] is not None,
            "batch_norm={batch_norm!r} takes the place of selu's own normalization",
            "use batch_norm=None, or another activation",
            str(KLAMBAUER_2017),
        ),
        without_effect(
            "negative_slope",
            None,
            "activation 'leaky_relu' or 'prelu'",
            has("activation", "leaky_relu", "prelu"),
            "https://keras.io/api/layers/activation_layers",
        ),
    )
    references = (HE_2015, HOLZMULLER_2024, KLAMBAUER_2017, MISRA_2019, XU_2015)
    arms = (
        Arm(
            "glorot_linear",
            "glorot, no activation",
            {"activation": "linear", "kernel_initializer": "glorot_uniform"},
        ),
        Arm(
            "leaky_relu",
            "he normal, leaky relu",
            {"activation": "leaky_relu", "kernel_initializer": "he_normal"},
        ),
        Arm(
            "randomized_leaky_relu",
            "he normal, randomized leaky relu",
            {"activation": "randomized_leaky_relu", "kernel_initializer": "he_normal"},
        ),
        Arm(
            "selu",
            "lecun normal, selu",
            {"activation": "selu", "kernel_initializer": "lecun_normal", "scaling": "standard"},
        ),
    )
    summary = (
        Summary(
            "`activation`",
            "linear, relu, elu, gelu, silu, mish, sigmoid, tanh",
            "relu and its relatives want he initializers; linear, sigmoid and tanh glorot",
            (HE_2015, GLOROT_2010, MISRA_2019),
        ),
        Summary(
            "",
            "leaky_relu, prelu (`negative_slope`)",
            "slope 0.01 fixed, or learned from 0.25 on",
            (HE_2015,),
        ),
        Summary(
            "",
            "randomized_leaky_relu",
            "divides by a draw from U(3, 8) in training, by 5.5 at prediction",
            (XU_2015,),
        ),
        Summary(
            "",
            "selu",
            "wants lecun_normal, standardized input, plain layers, alpha dropout (taken by itself)",
            (KLAMBAUER_2017,),
        ),
        Summary(
            "`parametric_activation`",
            "off or on",
            "each unit learns how much of the activation it takes",
            (HOLZMULLER_2024,),
        ),
    )

    def resolve(self, params: Params) -> Params:
        slope = params["negative_slope"]
        if slope is None:
            slope = ACTIVATIONS[params["activation"]].negative_slope
        return {"negative_slope": None if slope is None else float(slope)}

    def layers(self, stage: Stage, plan: NetworkPlan) -> Sequence[Callable[..., Any]]:
        if stage != "activation":
            return []
        name = f"activation_{plan.index}"
        if not plan.params["parametric_activation"]:
            return [_layer_of(plan, name)]
        from estimators.layers import ParametricActivation

        return [ParametricActivation(_layer_of(plan, "function"), name=name)]

    def layers_by_row(self) -> tuple[type, ...]:
        from estimators import layers

        return layers.LeakyReLU, layers.ParametricActivation, layers.RandomizedLeakyReLU


def _layer_of(plan: NetworkPlan, name: str) -> keras.layers.Layer:
    """Make the layer of a plan's activation function."""
    import keras

    from estimators import layers

    activation, seed = plan.params["activation"], next(plan.seeds)
    slope = plan.params["negative_slope"]
    if activation == "leaky_relu":
        return layers.LeakyReLU(negative_slope=slope, name=name)
    if activation == "prelu":
        first = keras.initializers.Constant(slope)
        shared = None if plan.params["member_sharing"] is None else [1]  # the axis of the members
        return keras.layers.PReLU(alpha_initializer=first, shared_axes=shared, name=name)
    if activation == "randomized_leaky_relu":
        return layers.RandomizedLeakyReLU(seed=seed, name=name)
    return keras.layers.Activation(layers.mish if activation == "mish" else activation, name=name)
