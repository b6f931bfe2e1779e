"""Arms: sets of hyperparameters with a label, which a study compares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from estimators.techniques import TECHNIQUES
from pipelines.errors import InputError, did_you_mean

__all__ = ["VARIANTS", "Arm", "Variant", "technique_arm"]

Variant = Literal["as described", "as run"]
"""Whether hyperparameters are those that a publication describes, or those that it really ran."""

VARIANTS: tuple[Variant, ...] = get_args(Variant)


@dataclass(frozen=True)
class Arm:
    """A set of hyperparameters with a label.

    Attributes
    ----------
    name : str
        By which people ask for it; the two variants of an arm share it.
    label : str
        What people read, unique within a study.
    hyperparameters : mapping of str to object
        In a design those in which the arms differ; in an experiment all but the seed.
    variants : tuple of {"as described", "as run"}
        Both, where what was published was run as it is described.
    """

    name: str
    label: str
    hyperparameters: Mapping[str, Any]
    variants: tuple[Variant, ...] = VARIANTS


def technique_arm(name: str, label: str | None = None, **changes: Any) -> Arm:
    """Return an arm that a technique declares, perhaps with changes.

    Parameters
    ----------
    name : str
        Of an arm in :mod:`estimators.techniques`.
    label : str, default=None
        In place of the technique's.
    **changes
        Hyperparameters to add or to replace.

    Returns
    -------
    Arm

    Raises
    ------
    InputError
        For an arm that no technique declares.

    Examples
    --------
    >>> technique_arm("selu").label
    'lecun normal, selu'
    >>> technique_arm("selu", scaling="none").hyperparameters["scaling"]
    'none'
    """
    declared = {arm.name: arm for technique in TECHNIQUES for arm in technique.arms}
    if name not in declared:
        raise InputError(
            f"No technique declares an arm {name!r}{did_you_mean(name, declared)}; choose one of "
            f"{', '.join(declared)}."
        )
    arm = declared[name]
    return Arm(name, label or arm.label, {**arm.hyperparameters, **changes})
