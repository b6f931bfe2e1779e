"""Arms: sets of hyperparameters with a label, which a study compares."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from estimators import techniques

__all__ = ["VARIANTS", "Arm", "Variant", "factorial_arms", "technique_arm", "technique_names"]

Variant = Literal["as described", "as run"]
"""Whether hyperparameters are those that a publication describes, or those that it really ran."""

VARIANTS: tuple[Variant, ...] = get_args(Variant)


@dataclass(frozen=True)
class Arm(techniques.Arm):
    """An arm as a study has it: its label is unique within the study.

    Attributes
    ----------
    name : str
        By which people ask for it; the two variants of an arm share it.
    label : str
    hyperparameters : mapping of str to object
        In a design those in which the arms differ; in an experiment all but the seed.
    variants : tuple of {"as described", "as run"}
        Both, where what was published was run as it is described.
    levels : mapping of str to str
        The level of each factor, where the arm is a combination of levels.
    """

    variants: tuple[Variant, ...] = VARIANTS
    levels: Mapping[str, str] = field(default_factory=dict)


def technique_arm(name: str, label: str | None = None, **changes: Any) -> Arm:
    """Return an arm that a technique declares, perhaps with another label and other values.

    Examples
    --------
    >>> technique_arm("selu", scaling="none").hyperparameters["scaling"]
    'none'
    """
    arm = _declared()[name]
    return Arm(name, label or arm.label, {**arm.hyperparameters, **changes})


def technique_names() -> list[str]:
    """Names of all arms that techniques declare."""
    return [*_declared()]


def _declared() -> dict[str, techniques.Arm]:
    declared = (arm for technique in techniques.TECHNIQUES for arm in technique.arms)
    return {arm.name: arm for arm in declared}


def factorial_arms(factors: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> Iterator[Arm]:
    """Yield an arm for each combination of the levels of some factors.

    Parameters
    ----------
    factors : mapping of str to mapping of str to mapping
        Hyperparameters by level by factor. A level that stands first and sets nothing goes
        without saying in names and labels.

    Yields
    ------
    Arm

    Examples
    --------
    >>> factors = {"cell": {"lstm": {"cell": "lstm"}}, "norm": {"none": {}, "layer_norm": {}}}
    >>> [arm.label for arm in factorial_arms(factors)]
    ['lstm', 'lstm, layer norm']
    """
    for levels in itertools.product(*(factor.items() for factor in factors.values())):
        said = [
            name
            for (name, values), factor in zip(levels, factors.values(), strict=True)
            if values or name != next(iter(factor))
        ]
        hyperparameters = {key: value for _, values in levels for key, value in values.items()}
        label = ", ".join(name.replace("_", " ") for name in said)
        named = {factor: name for factor, (name, _) in zip(factors, levels, strict=True)}
        yield Arm("_".join(said), label, hyperparameters, levels=named)
