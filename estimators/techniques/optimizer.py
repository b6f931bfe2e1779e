"""Optimizers: Keras' own, and the same updates as pure functions for the compiled engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from numbers import Real
from typing import TYPE_CHECKING, Any, TypeAlias

from estimators._sklearn import InstanceOfKeras, Interval, StrOptions
from estimators.techniques.references import HOLZMULLER_2024, KINGMA_2015
from estimators.techniques.rule import Rule, Setting, without_effect
from estimators.techniques.technique import (
    Hyperparameter,
    Params,
    SearchDomain,
    Summary,
    Technique,
)

if TYPE_CHECKING:
    import keras
    import tensorflow as tf

__all__ = ["OPTIMIZERS", "Optimizer", "OptimizerRule", "make_optimizer"]


_OPTIMIZERS_PAGE = "https://keras.io/api/optimizers"
_ADAMS = "optimizer 'adam', 'adamw', 'adamax' or 'nadam'"

Tensors: TypeAlias = "Mapping[str, tf.Tensor]"


@dataclass(frozen=True)
class OptimizerRule:
    """A Keras optimizer, and its update as a pure function of each weight's elements.

    Attributes
    ----------
    keras_class : str
        Name of Keras' class, which has the same update.
    update : callable
        From the gradient, the slots of the weight, the learning rate, the number of the step from
        1, the shared scalars and the hyperparameters: what is taken from the weight, and the new
        slots.
    slots : callable
        From the hyperparameters: what is kept for each weight, in groups; Keras has the slots of
        a group side by side for each weight.
    parameters : frozenset of str
        Which of momentum, nesterov, beta_1, beta_2 and epsilon it knows.
    initial : float
        First value of all slots.
    scalars : mapping of str to float
        Further state with its first values.
    advance : callable or None
        From the scalars, the number of the step and the hyperparameters: the scalars of this step.
    """

    keras_class: str
    update: Callable[..., tuple[tf.Tensor, Tensors]]
    slots: Callable[[Params], tuple[tuple[str, ...], ...]]
    parameters: frozenset[str] = frozenset()
    initial: float = 0.0
    scalars: Mapping[str, float] = field(default_factory=dict)
    advance: Callable[[Tensors, tf.Tensor, Params], Tensors] | None = None


def _toward(average: tf.Tensor, value: tf.Tensor, share: float) -> tf.Tensor:
    return average + (value - average) * share


def _sgd(gradient, slots, rate, step, scalars, params):  # type: ignore[no-untyped-def]
    if "momentum" not in slots:
        return gradient * rate, {}
    momentum = slots["momentum"] * params["momentum"] - gradient * rate
    if not params["nesterov"]:
        return -momentum, {"momentum": momentum}
    return gradient * rate - momentum * params["momentum"], {"momentum": momentum}


def _rmsprop(gradient, slots, rate, step, scalars, params):  # type: ignore[no-untyped-def]
    import tensorflow as tf

    velocity = 0.9 * slots["velocity"] + 0.1 * tf.square(gradient)
    change = rate * gradient / tf.sqrt(velocity + params["epsilon"])
    if "momentum" not in slots:
        return change, {"velocity": velocity}
    momentum = params["momentum"] * slots["momentum"] + change
    return momentum, {"velocity": velocity, "momentum": momentum}


def _adagrad(gradient, slots, rate, step, scalars, params):  # type: ignore[no-untyped-def]
    import tensorflow as tf

    accumulator = slots["accumulator"] + tf.square(gradient)
    return rate * gradient / tf.sqrt(accumulator + params["epsilon"]), {"accumulator": accumulator}


def _adadelta(gradient, slots, rate, step, scalars, params):  # type: ignore[no-untyped-def]
    import tensorflow as tf

    squares = 0.95 * slots["accumulated_grad"] + 0.05 * tf.square(gradient)
    changes = slots["accumulated_delta_var"]
    epsilon = params["epsilon"]
    change = tf.sqrt(changes + epsilon) * gradient / tf.sqrt(squares + epsilon)
    changes = 0.95 * changes + 0.05 * tf.square(change)
    return rate * change, {"accumulated_grad": squares, "accumulated_delta_var": changes}


def _adam(gradient, slots, rate, step, scalars, params):  # type: ignore[no-untyped-def]
    import tensorflow as tf

    beta_1, beta_2 = params["beta_1"], params["beta_2"]
    momentum = _toward(slots["momentum"], gradient, 1 - beta_1)
    velocity = _toward(slots["velocity"], tf.square(gradient), 1 - beta_2)
    alpha = rate * tf.sqrt(1 - tf.pow(beta_2, step)) / (1 - tf.pow(beta_1, step))
    change = momentum * alpha / (tf.sqrt(velocity) + params["epsilon"])
    return change, {"momentum": momentum, "velocity": velocity}


def _adamax(gradient, slots, rate, step, scalars, params):  # type: ignore[no-untyped-def]
    import tensorflow as tf

    beta_1 = params["beta_1"]
    momentum = _toward(slots["momentum"], gradient, 1 - beta_1)
    norm = tf.maximum(params["beta_2"] * slots["norm"], tf.abs(gradient))
    change = rate * momentum / ((1 - tf.pow(beta_1, step)) * (norm + params["epsilon"]))
    return change, {"momentum": momentum, "norm": norm}


def _nadam(gradient, slots, rate, step, scalars, params):  # type: ignore[no-untyped-def]
    import tensorflow as tf

    beta_1, beta_2 = params["beta_1"], params["beta_2"]
    product = scalars["u_product"]
    share, next_share = _nadam_share(beta_1, step), _nadam_share(beta_1, step + 1)
    momentum = _toward(slots["momentum"], gradient, 1 - beta_1)
    velocity = _toward(slots["velocity"], tf.square(gradient), 1 - beta_2)
    momentum_hat = next_share * momentum / (1 - product * next_share)
    momentum_hat += (1 - share) * gradient / (1 - product)
    velocity_hat = velocity / (1 - tf.pow(beta_2, step))
    change = momentum_hat * rate / (tf.sqrt(velocity_hat) + params["epsilon"])
    return change, {"momentum": momentum, "velocity": velocity}


def _nadam_share(beta_1: Any, step: tf.Tensor) -> tf.Tensor:
    import tensorflow as tf

    return beta_1 * (1.0 - 0.5 * tf.pow(0.96, step))


def _nadam_advance(scalars: Tensors, step: tf.Tensor, params: Params) -> Tensors:
    return {"u_product": scalars["u_product"] * _nadam_share(params["beta_1"], step)}


def _lion(gradient, slots, rate, step, scalars, params):  # type: ignore[no-untyped-def]
    import tensorflow as tf

    momentum = slots["momentum"]
    change = rate * tf.sign(momentum * 0.9 + gradient * (1 - 0.9))
    return change, {"momentum": momentum * 0.99 + gradient * (1 - 0.99)}


def _momentum_if_set(*before: tuple[str, ...]) -> Callable[[Params], tuple[tuple[str, ...], ...]]:
    return lambda params: (*before, *([("momentum",)] if params["momentum"] else []))


def _always(*names: str) -> Callable[[Params], tuple[tuple[str, ...], ...]]:
    return lambda params: (names,)


_MOMENTS = _always("momentum", "velocity")
_BETAS = frozenset({"beta_1", "beta_2", "epsilon"})
_EPSILON = frozenset({"epsilon"})

OPTIMIZERS: dict[str, OptimizerRule] = {
    "sgd": OptimizerRule("SGD", _sgd, _momentum_if_set(), frozenset({"momentum", "nesterov"})),
    "rmsprop": OptimizerRule(
        "RMSprop", _rmsprop, _momentum_if_set(("velocity",)), _EPSILON | {"momentum"}
    ),
    "adagrad": OptimizerRule("Adagrad", _adagrad, _always("accumulator"), _EPSILON, initial=0.1),
    "adadelta": OptimizerRule(
        "Adadelta", _adadelta, _always("accumulated_grad", "accumulated_delta_var"), _EPSILON
    ),
    "adam": OptimizerRule("Adam", _adam, _MOMENTS, _BETAS),
    "adamw": OptimizerRule("AdamW", _adam, _MOMENTS, _BETAS),
    "adamax": OptimizerRule("Adamax", _adamax, _always("momentum", "norm"), _BETAS),
    "nadam": OptimizerRule(
        "Nadam", _nadam, _MOMENTS, _BETAS, scalars={"u_product": 1.0}, advance=_nadam_advance
    ),
    "lion": OptimizerRule("Lion", _lion, _always("momentum")),
}


def make_optimizer(params: Params, techniques: tuple[Technique, ...]) -> keras.optimizers.Optimizer:
    """Make the Keras optimizer of some hyperparameters.

    Parameters
    ----------
    params : mapping of str to object
        Resolved; see :func:`estimators.techniques.resolve`.
    techniques : tuple of Technique
        Those that have arguments for it.

    Returns
    -------
    keras.optimizers.Optimizer
    """
    import keras

    name = params["optimizer"]
    arguments: dict[str, Any] = {}
    for technique in techniques:
        arguments |= technique.optimizer_arguments(params)
    # Named, else Keras counts, and TensorFlow keeps 36 kB for ever for each new name.
    return getattr(keras.optimizers, OPTIMIZERS[name].keras_class)(name=name, **arguments)


def _moment(
    name: str, default: float, constraint: tuple[Any, ...], doc: str, **domains: Any
) -> Hyperparameter:
    """A number that programs have built in as long as it is Keras' own."""
    return Hyperparameter(
        name, default, constraint, "float", doc, role="dynamic", built_in=default, **domains
    )


def _knows(parameter: str) -> Callable[[Setting], bool]:
    return lambda setting: parameter in OPTIMIZERS[setting["optimizer"]].parameters


class Optimizer(Technique):
    """What becomes of a gradient: a step of the weights."""

    hyperparameters = (
        Hyperparameter(
            "optimizer",
            "adam",
            (StrOptions(set(OPTIMIZERS)),),
            '{"sgd", "rmsprop", "adagrad", "adadelta", "adam", "adamw", "adamax", "nadam", "lion"}',
            "Keras optimizer, with Keras' own defaults for what is not a parameter here.",
            search=(SearchDomain(["sgd", "rmsprop", "adam", "adamw", "nadam"]),),
        ),
        Hyperparameter(
            "learning_rate",
            0.001,
            (
                Interval(Real, 0, None, closed="neither"),
                InstanceOfKeras("keras.optimizers.schedules.LearningRateSchedule"),
            ),
            "float or keras.optimizers.schedules.LearningRateSchedule",
            "Step size, or a schedule over the steps.",
            role="dynamic",
            search=(
                SearchDomain({"low": 1e-4, "high": 0.1, "log": True}),
                SearchDomain(
                    {"low": 2e-3, "high": 0.5, "log": True},
                    when={"parametrization": "neural_tangent"},
                ),
            ),
        ),
        Hyperparameter(
            "momentum",
            0.0,
            (Interval(Real, 0, 1, closed="left"),),
            "float",
            'Momentum of "sgd" and "rmsprop", in [0, 1).',
            role="dynamic",
            search=(
                SearchDomain({"low": 0.0, "high": 0.95}, when={"optimizer": ["sgd", "rmsprop"]}),
            ),
        ),
        Hyperparameter(
            "nesterov",
            False,
            ("boolean",),
            "bool",
            'Whether the momentum of "sgd" is Nesterov\'s.',
        ),
        _moment(
            "beta_1",
            0.9,
            (Interval(Real, 0, 1, closed="left"),),
            'Share of the mean of past gradients that "adam", "adamw", "adamax" and "nadam" keep in '
            "a step, in [0, 1) [Kingma2015]_.",
        ),
        _moment(
            "beta_2",
            0.999,
            (Interval(Real, 0, 1, closed="left"),),
            'The same for the mean of their squares (in "adamax" their largest size). RealMLP has '
            "0.95 [Holzmuller2024]_.",
            search=(
                SearchDomain([0.95, 0.99, 0.999], when={"optimizer": ["adam", "adamw", "nadam"]}),
                SearchDomain(0.999, when={"optimizer": ["sgd", "rmsprop"]}),
            ),
        ),
        _moment(
            "epsilon",
            1e-7,
            (Interval(Real, 0, None, closed="neither"),),
            'What is added to the sizes of gradients by which a step is divided; of all but "sgd" '
            'and "lion".',
            search=(SearchDomain(1e-7, when={"optimizer": "sgd"}),),
        ),
    )
    rules = (
        without_effect(
            "momentum", 0.0, "optimizer 'sgd' or 'rmsprop'", _knows("momentum"), _OPTIMIZERS_PAGE
        ),
        without_effect(
            "nesterov",
            False,
            "optimizer 'sgd' with momentum",
            lambda setting: _knows("nesterov")(setting) and setting["momentum"] > 0,
            _OPTIMIZERS_PAGE,
        ),
        *(
            without_effect(
                name,
                default,
                listed,
                _knows(name),
                _OPTIMIZERS_PAGE,
            )
            for name, default, listed in (
                ("beta_1", 0.9, _ADAMS),
                ("beta_2", 0.999, _ADAMS),
                ("epsilon", 1e-7, "an optimizer other than 'sgd' and 'lion'"),
            )
        ),
        Rule(
            "row weights around 1",
            lambda setting: (
                setting["optimizer"] in ("sgd", "rmsprop", "adagrad", "adadelta")
                and not 0.1 <= setting.mean_weight <= 10
            ),
            "the rows weigh {mean_weight:.3g} on average, with which the steps of "
            "optimizer={optimizer!r} shrink or grow",
            "scale sample_weight and class_weight to a mean of 1, or use optimizer='adam'",
            _OPTIMIZERS_PAGE,
        ),
    )
    references = (HOLZMULLER_2024, KINGMA_2015)
    summary = (
        Summary(
            "`optimizer`, `learning_rate`, `momentum`, `nesterov`",
            "sgd, rmsprop, adagrad, adadelta, adam, adamw, adamax, nadam, lion; a float or a Keras "
            "schedule",
            "of adam and its relatives at most 0.1, but with neural_tangent",
            (KINGMA_2015,),
        ),
        Summary(
            "`beta_1`, `beta_2`, `epsilon`",
            "of adam, adamw, adamax, nadam: [0, 1), [0, 1), above 0",
            "",
            (KINGMA_2015, HOLZMULLER_2024),
        ),
    )

    _is_schedule = InstanceOfKeras("keras.optimizers.schedules.LearningRateSchedule")

    def faults(self, params: Params) -> Iterator[str]:
        schedule = params["learning_rate"]
        if not self._is_schedule.is_satisfied_by(schedule):
            return
        import keras

        kind = type(schedule)
        registered = keras.saving.get_registered_object(keras.saving.get_registered_name(kind))
        if not kind.__module__.startswith("keras.") and registered is None:
            yield (
                "The 'learning_rate' parameter of {estimator} must be a schedule that Keras can "
                f"save and load. Got a {kind.__name__}: put "
                "@keras.saving.register_keras_serializable() above its class."
            )

    def resolve(self, params: Params) -> Params:
        rate = params["learning_rate"]
        return {
            "learning_rate": float(rate) if isinstance(rate, Real) else rate,
            **{name: float(params[name]) for name in ("momentum", "beta_1", "beta_2", "epsilon")},
        }

    def optimizer_arguments(self, params: Params) -> Params:
        known = OPTIMIZERS[params["optimizer"]].parameters
        return {
            "learning_rate": params["learning_rate"],
            **{name: params[name] for name in sorted(known)},
        }
