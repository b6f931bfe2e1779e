"""The check of hyperparameters, all faults at once, and their one resolved form."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from estimators._sklearn import (
    InvalidParameterError,
    StrOptions,
    validate_parameter_constraints,
)
from estimators.techniques.technique import Params, Technique

__all__ = [
    "build_hyperparameters",
    "check_parameters",
    "check_unchanged",
    "constraints_of",
    "hyperparameters_of",
    "resolve",
]


def constraints_of(techniques: Iterable[Technique]) -> dict[str, list[Any]]:
    """Collect scikit-learn's parameter constraints of some techniques, by name."""
    return {
        hyperparameter.name: list(hyperparameter.constraint)
        for technique in techniques
        for hyperparameter in technique.hyperparameters
    }


def hyperparameters_of(estimator: Any) -> dict[str, Any]:
    """Return the hyperparameters of an estimator as they were given, sorted by name.

    They are those of its techniques, whichever of them the signature of a subclass names beside
    parameters of its own.

    Parameters
    ----------
    estimator : estimators.base.KerasNetwork

    Returns
    -------
    dict of str to object
    """
    names = sorted(constraints_of(estimator.techniques))
    return {name: getattr(estimator, name) for name in names}


def resolve(techniques: Sequence[Technique], params: Params) -> dict[str, Any]:
    """Bring valid hyperparameters into one form: "auto" decided, numbers of Python's own types.

    Parameters
    ----------
    techniques : sequence of Technique
    params : mapping of str to object

    Returns
    -------
    dict of str to object

    Examples
    --------
    >>> from estimators.techniques import TECHNIQUES, defaults
    >>> resolved = resolve(TECHNIQUES, {**defaults(), "hidden_layer_sizes": 50})
    >>> resolved["hidden_layer_sizes"], resolved["kernel_initializer"]
    ((50,), 'he_normal')
    """
    resolved = dict(params)
    for technique in techniques:
        resolved |= technique.resolve(params)
    return resolved


def check_parameters(techniques: Sequence[Technique], params: Params, estimator: str) -> None:
    """Raise one error that names every fault of the hyperparameters.

    Parameters
    ----------
    techniques : sequence of Technique
    params : mapping of str to object
    estimator : str
        Name of the estimator's class, for the message.

    Raises
    ------
    sklearn.utils._param_validation.InvalidParameterError
        A ``ValueError`` and a ``TypeError``; for an unknown name it suggests the nearest one.
    """
    constraints = constraints_of(techniques)
    faults = [
        *_faults_of_one(constraints, params, estimator),
        *(
            fault.replace("{estimator}", estimator)
            for technique in techniques
            for fault in technique.faults(params)
        ),
    ]
    if faults:
        raise InvalidParameterError("\n".join(dict.fromkeys(faults)))


def _faults_of_one(
    constraints: Mapping[str, list[Any]], params: Params, estimator: str
) -> list[str]:
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


def build_hyperparameters(techniques: Sequence[Technique], params: Params) -> dict[str, Any]:
    """Return the hyperparameters that a network and its optimizer are built from.

    Parameters
    ----------
    techniques : sequence of Technique
    params : mapping of str to object
        Resolved.
    """
    return {
        each.name: params[each.name]
        for technique in techniques
        for each in technique.hyperparameters
        if each.role != "training" and not each.may_change
    }


def check_unchanged(before: Params, now: Params, estimator: str) -> dict[str, Any]:
    """Check whether training may go on with a network that was built before.

    Parameters
    ----------
    before, now : mapping of str to object
        Of :func:`build_hyperparameters`, then and now.
    estimator : str
        Name of the estimator's class, for the message.

    Returns
    -------
    dict of str to object
        What has changed and may: a learning rate from one number to another.

    Raises
    ------
    ValueError
        If anything else has.
    """
    changed = [name for name, value in before.items() if not _are_equal(now[name], value)]
    if changed == ["learning_rate"]:
        rate = now["learning_rate"]
        if isinstance(rate, float) and isinstance(before["learning_rate"], float):
            return {"learning_rate": rate}
    if changed:
        then, today = (
            ", ".join(f"{name}={values[name]!r}" for name in changed) for values in (before, now)
        )
        raise ValueError(
            f"{estimator} goes on with the network of the last fit, which was built with {then}, "
            f"but now has {today}: set that back, or call fit with warm_start=False to begin anew."
        )
    return {}


def _are_equal(first: Any, second: Any) -> bool:
    """Whether two hyperparameters are equal; Keras' objects are where their configurations are."""
    if hasattr(first, "get_config") and type(first) is type(second):
        return bool(first.get_config() == second.get_config())
    return bool(first == second)
