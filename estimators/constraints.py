"""The values that each parameter may take, and the check of all of them at once."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from numbers import Integral, Real
from typing import Any

import keras
import numpy as np
from sklearn.utils._param_validation import (
    Interval,
    InvalidParameterError,
    StrOptions,
    validate_parameter_constraints,
)

from estimators.activations import ACTIVATIONS
from estimators.initializers import INITIALIZERS
from estimators.network import BATCH_NORM_PLACEMENTS
from estimators.optimizers import OPTIMIZERS
from estimators.training import ENGINES

__all__ = ["NETWORK_CONSTRAINTS", "check_parameters"]

_POSITIVE = Interval(Real, 0, None, closed="neither")
_NOT_NEGATIVE = Interval(Real, 0, None, closed="left")
_COUNT = Interval(Integral, 1, None, closed="left")

NETWORK_CONSTRAINTS: dict[str, list[Any]] = {
    "hidden_layer_sizes": ["array-like", _COUNT],
    "activation": [StrOptions(set(ACTIVATIONS))],
    "negative_slope": [_NOT_NEGATIVE, None],
    "kernel_initializer": [StrOptions({"auto", *INITIALIZERS})],
    "initializer_scale": [_POSITIVE],
    "initializer_mode": [StrOptions({"fan_in", "fan_out", "fan_avg"})],
    "initializer_distribution": [StrOptions({"truncated_normal", "untruncated_normal", "uniform"})],
    "bias_initializer": [StrOptions({"zeros", "ones"})],
    "batch_norm": [StrOptions(set(BATCH_NORM_PLACEMENTS)), "boolean", None],
    "dropout": [Interval(Real, 0, 1, closed="left")],
    "optimizer": [StrOptions(set(OPTIMIZERS))],
    "learning_rate": [_POSITIVE, keras.optimizers.schedules.LearningRateSchedule],
    "momentum": [Interval(Real, 0, 1, closed="left")],
    "nesterov": ["boolean"],
    "weight_decay": [_NOT_NEGATIVE],
    "clipnorm": [_POSITIVE, None],
    "clipvalue": [_POSITIVE, None],
    "global_clipnorm": [_POSITIVE, None],
    "batch_size": [_COUNT],
    "epochs": [_COUNT],
    "shuffle": ["boolean"],
    "early_stopping": ["boolean"],
    "validation_fraction": [Interval(Real, 0, 1, closed="neither")],
    "patience": [_COUNT],
    "min_delta": [_NOT_NEGATIVE],
    "engine": [StrOptions(set(ENGINES))],
    "warm_start": ["boolean"],
    "callbacks": [keras.callbacks.Callback, list, None],
    "random_state": ["random_state"],
    "verbose": ["verbose"],
}


def check_parameters(
    constraints: Mapping[str, list[Any]], params: Mapping[str, Any], estimator: str
) -> None:
    """Raise one error that names every fault of the parameters.

    Parameters
    ----------
    constraints : mapping of str to list
        scikit-learn's parameter constraints.
    params : mapping of str to object
        The values.
    estimator : str
        Name of the estimator's class, for the message.

    Raises
    ------
    sklearn.utils._param_validation.InvalidParameterError
        A ``ValueError`` and a ``TypeError``; for an unknown name it suggests the nearest one.
    """
    faults = [
        *_single_faults(constraints, params, estimator),
        *_joint_faults(params, estimator),
    ]
    if faults:
        raise InvalidParameterError("\n".join(faults))


def _single_faults(constraints, params, estimator) -> list[str]:
    faults = []
    for name, value in params.items():
        try:
            validate_parameter_constraints({name: constraints[name]}, {name: value}, estimator)
        except InvalidParameterError as error:
            faults.append(f"{error}{_suggestion(constraints[name], value)}")
    return faults


def _suggestion(constraint: list[Any], value: Any) -> str:
    options = [
        option
        for choice in constraint
        if isinstance(choice, StrOptions)
        for option in choice.options
    ]
    near = difflib.get_close_matches(value, options, n=1) if isinstance(value, str) else []
    return f" Did you mean {near[0]!r}?" if near else ""


def _joint_faults(params: Mapping[str, Any], estimator: str) -> list[str]:
    faults = []
    sizes = params["hidden_layer_sizes"]
    if np.iterable(sizes) and not isinstance(sizes, str):
        wrong = [
            size
            for size in sizes
            if not isinstance(size, Integral) or isinstance(size, bool) or size < 1
        ]
        if wrong:
            faults.append(
                f"The 'hidden_layer_sizes' parameter of {estimator} must hold ints of 1 or more, "
                f"one a hidden layer. Got {wrong[0]!r} among {sizes!r}."
            )
    clips = [
        name for name in ("clipnorm", "clipvalue", "global_clipnorm") if params[name] is not None
    ]
    if len(clips) > 1:
        faults.append(
            f"At most one of the parameters clipnorm, clipvalue and global_clipnorm of {estimator} "
            f"may be set. Got {', '.join(f'{name}={params[name]!r}' for name in clips)}: "
            "leave all but one at None."
        )
    schedule = params["learning_rate"]
    if isinstance(schedule, keras.optimizers.schedules.LearningRateSchedule):
        kind = type(schedule)
        registered = keras.saving.get_registered_object(keras.saving.get_registered_name(kind))
        if not kind.__module__.startswith("keras.") and registered is None:
            faults.append(
                f"The 'learning_rate' parameter of {estimator} must be a schedule that Keras can "
                f"save and load. Got a {kind.__name__}: put "
                "@keras.saving.register_keras_serializable() above its class."
            )
    callbacks = params["callbacks"]
    if isinstance(callbacks, list) and not all(
        isinstance(callback, keras.callbacks.Callback) for callback in callbacks
    ):
        faults.append(
            f"The 'callbacks' parameter of {estimator} must hold keras.callbacks.Callback "
            f"instances. Got {callbacks!r}."
        )
    return faults
