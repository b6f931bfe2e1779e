"""Activation functions of recurrent cells."""

from __future__ import annotations

from estimators._sklearn import StrOptions
from estimators.techniques.activation import ACTIVATIONS, KLAMBAUER_2017
from estimators.techniques.gradient_clipping import PASCANU_2013, is_clipped
from estimators.techniques.rule import Rule, has
from estimators.techniques.technique import (
    Hyperparameter,
    SearchDomain,
    Summary,
    Technique,
)

__all__ = ["RECURRENT_ACTIVATIONS", "RecurrentActivation"]

# Those without parameters and draws of their own.
RECURRENT_ACTIVATIONS = tuple(
    sorted(
        set(ACTIVATIONS) - {"leaky_relu", "randomized_leaky_relu", "prelu", "mish"},
    )
)

_UNBOUNDED = ("linear", "relu", "elu", "gelu", "silu")


class RecurrentActivation(Technique):
    """The function of a recurrent cell's candidates and output; gates are logistic."""

    hyperparameters = (
        Hyperparameter(
            "activation",
            "tanh",
            (StrOptions(set(RECURRENT_ACTIVATIONS)),),
            '{"tanh", "sigmoid", "linear", "relu", "elu", "selu", "gelu", "silu"}',
            "Activation of the cells; their gates are logistic, whatever it is. All but "
            '"tanh" and "sigmoid" have no bound, and states that are fed back under them may '
            "explode [Pascanu2013]_.",
            search=(SearchDomain(["tanh", "relu"]),),
        ),
    )
    rules = (
        Rule(
            "no selu in recurrent networks",
            has("activation", "selu"),
            "selu keeps mean 0 and deviation 1 from layer to layer where each has weights of its "
            "own, not where the same weights are applied in each step and gates multiply",
            "use activation='tanh', with layer_norm=True for a normalization",
            str(KLAMBAUER_2017),
        ),
        Rule(
            "unbounded activation wants clipping",
            lambda setting: setting["activation"] in _UNBOUNDED and not is_clipped(setting.params),
            "{activation} has no bound, and its outputs are fed back in each step without clipping "
            "of the gradients",
            "use activation='tanh', or set global_clipnorm=1.0",
            str(PASCANU_2013),
        ),
    )
    references = (KLAMBAUER_2017, PASCANU_2013)
    summary = (
        Summary(
            "`activation` (of recurrent cells)",
            "tanh, sigmoid, linear, relu, elu, selu, gelu, silu",
            "not selu; without bound only with clipping",
            (KLAMBAUER_2017, PASCANU_2013),
        ),
    )
