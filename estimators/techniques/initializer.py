"""Initial weights of the hidden layers."""

from __future__ import annotations

from numbers import Real
from typing import TYPE_CHECKING

from estimators._sklearn import Interval, StrOptions
from estimators.techniques.activation import ACTIVATIONS, GLOROT_2010, HE_2015, KLAMBAUER_2017
from estimators.techniques.rule import Rule, Setting, has, without_effect
from estimators.techniques.technique import (
    Arm,
    Hyperparameter,
    NetworkPlan,
    Params,
    Reference,
    SearchDomain,
    Summary,
    Technique,
)

if TYPE_CHECKING:
    import keras

__all__ = ["INITIALIZERS", "Initializer", "kernel_initializer_of"]

# Names of Keras' classes.
INITIALIZERS: dict[str, str] = {
    "zeros": "Zeros",
    "ones": "Ones",
    "glorot_normal": "GlorotNormal",
    "glorot_uniform": "GlorotUniform",
    "he_normal": "HeNormal",
    "he_uniform": "HeUniform",
    "lecun_normal": "LecunNormal",
    "lecun_uniform": "LecunUniform",
    "orthogonal": "Orthogonal",
    "variance_scaling": "VarianceScaling",
}

_CONSTANT = ("zeros", "ones")
_OF_VARIANCE_SCALING = {
    "initializer_scale": 1.0,
    "initializer_mode": "fan_in",
    "initializer_distribution": "truncated_normal",
}

GOODFELLOW_2016 = Reference(
    "Goodfellow2016", "Goodfellow et al. 2016, section 8.4", "https://www.deeplearningbook.org"
)
_INITIALIZERS_PAGE = "https://keras.io/api/layers/initializers"


def kernel_initializer_of(plan: NetworkPlan) -> keras.initializers.Initializer:
    """Make the initializer of a hidden layer's kernel, with a seed of its own."""
    import keras

    name, seed = plan.params["kernel_initializer"], next(plan.seeds)
    initializer = getattr(keras.initializers, INITIALIZERS[name])
    if name in _CONSTANT:
        return initializer()
    if name == "variance_scaling":
        scale, mode, distribution = (plan.params[each] for each in _OF_VARIANCE_SCALING)
        return initializer(scale=scale, mode=mode, distribution=distribution, seed=seed)
    return initializer(seed=seed)


def _does_not_match(setting: Setting) -> bool:
    initializer = setting["kernel_initializer"]
    return (
        setting.has_hidden_layers
        and initializer not in ACTIVATIONS[setting["activation"]].suited_initializers
        and initializer not in _CONSTANT
        and setting["activation"] != "selu"
    )


def _is_lecun_normal(setting: Setting) -> bool:
    if setting["kernel_initializer"] != "variance_scaling":
        return bool(setting["kernel_initializer"] == "lecun_normal")
    return all(setting[name] == value for name, value in _OF_VARIANCE_SCALING.items())


class Initializer(Technique):
    """How the weights of the hidden layers begin."""

    hyperparameters = (
        Hyperparameter(
            "kernel_initializer",
            "auto",
            (StrOptions({"auto", *INITIALIZERS}),),
            '{"auto", "zeros", "ones", "glorot_normal", "glorot_uniform", "he_normal", '
            '"he_uniform", "lecun_normal", "lecun_uniform", "orthogonal", "variance_scaling"}',
            'Initial weights of the hidden layers. "auto" takes what matches the activation: '
            "he_normal [He2015]_ for relu and its relatives, lecun_normal [Klambauer2017]_ for "
            "selu, glorot_uniform [Glorot2010]_ for linear, sigmoid and tanh. Equal weights do not "
            "learn [Goodfellow2016]_. The output layer always has glorot_uniform.",
            role="initialization",
            search=(
                SearchDomain("suited"),
                SearchDomain("auto", when={"parametrization": "neural_tangent"}),
            ),
        ),
        Hyperparameter(
            "initializer_scale",
            1.0,
            (Interval(Real, 0, None, closed="neither"),),
            "float",
            'Scale of "variance_scaling": the variance of the weights is ``scale / fan``.',
            role="initialization",
        ),
        Hyperparameter(
            "initializer_mode",
            "fan_in",
            (StrOptions({"fan_in", "fan_out", "fan_avg"}),),
            '{"fan_in", "fan_out", "fan_avg"}',
            'Fan of "variance_scaling".',
            role="initialization",
        ),
        Hyperparameter(
            "initializer_distribution",
            "truncated_normal",
            (StrOptions({"truncated_normal", "untruncated_normal", "uniform"}),),
            '{"truncated_normal", "untruncated_normal", "uniform"}',
            'Distribution of "variance_scaling".',
            role="initialization",
        ),
        Hyperparameter(
            "bias_initializer",
            "zeros",
            (StrOptions(set(_CONSTANT)),),
            '{"zeros", "ones"}',
            "Initial biases of the hidden layers.",
            role="initialization",
        ),
    )
    rules = (
        Rule(
            "initializer matches activation",
            _does_not_match,
            "{activation} with {kernel_initializer} lets signals grow or fade from layer to layer",
            "use kernel_initializer='auto' or {suited}",
            f"{GLOROT_2010}; {HE_2015}",
            words=lambda setting: {
                "suited": " or ".join(
                    sorted(ACTIVATIONS[setting["activation"]].suited_initializers)
                )
            },
        ),
        Rule(
            "equal weights do not learn",
            lambda setting: (
                setting.has_hidden_layers and setting["kernel_initializer"] in _CONSTANT
            ),
            "{kernel_initializer} gives all units of a layer the same weights and so the same "
            "gradients",
            "use kernel_initializer='auto' or another random initializer",
            str(GOODFELLOW_2016),
        ),
        Rule(
            "selu wants lecun_normal",
            lambda setting: (
                setting.has_hidden_layers
                and setting["activation"] == "selu"
                and not _is_lecun_normal(setting)
                and setting["kernel_initializer"] not in _CONSTANT
            ),
            "under {kernel_initializer} the outputs of selu layers do not keep mean 0 and "
            "deviation 1",
            "use kernel_initializer='auto' or 'lecun_normal'",
            str(KLAMBAUER_2017),
        ),
        *(
            without_effect(
                name,
                default,
                "kernel_initializer 'variance_scaling'",
                has("kernel_initializer", "variance_scaling"),
                _INITIALIZERS_PAGE,
            )
            for name, default in _OF_VARIANCE_SCALING.items()
        ),
    )
    references = (GLOROT_2010, GOODFELLOW_2016, HE_2015, KLAMBAUER_2017)
    arms = (
        Arm("zeros", "zeros, relu", {"kernel_initializer": "zeros", "activation": "relu"}),
        Arm(
            "ones",
            "ones, relu",
            {"kernel_initializer": "ones", "bias_initializer": "ones", "activation": "relu"},
        ),
        Arm(
            "glorot_relu",
            "glorot, relu",
            {"kernel_initializer": "glorot_uniform", "activation": "relu"},
        ),
        Arm(
            "he_normal_relu",
            "he normal, relu",
            {"kernel_initializer": "he_normal", "activation": "relu"},
        ),
        Arm(
            "he_uniform_relu",
            "he uniform, relu",
            {"kernel_initializer": "he_uniform", "activation": "relu"},
        ),
    )
    summary = (
        Summary(
            "`kernel_initializer`",
            "auto, zeros, ones, glorot_*, he_*, lecun_* (normal, uniform), orthogonal, "
            "variance_scaling (`initializer_scale`, `_mode`, `_distribution`)",
            "equal weights do not learn",
            (GOODFELLOW_2016,),
        ),
    )

    def resolve(self, params: Params) -> Params:
        if params["kernel_initializer"] != "auto":
            return {}
        return {"kernel_initializer": ACTIVATIONS[params["activation"]].initializer}
