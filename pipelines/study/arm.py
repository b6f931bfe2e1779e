"""Arms: sets of hyperparameters with a label, which a study compares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

from estimators import techniques

__all__ = ["VARIANTS", "Arm", "Variant", "technique_arm"]

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
    """

    variants: tuple[Variant, ...] = VARIANTS


def technique_arm(name: str, label: str | None = None, **changes: Any) -> Arm:
    """Return an arm that a technique declares, perhaps with another label and other values.

    Examples
    --------
    >>> technique_arm("selu", scaling="none").hyperparameters["scaling"]
    'none'
    """
    declared = (arm for technique in techniques.TECHNIQUES for arm in technique.arms)
    arm = {one.name: one for one in declared}[name]
    return Arm(name, label or arm.label, {**arm.hyperparameters, **changes})
