"""What the levels of a factor do, over all combinations with the levels of the other factors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pipelines.statistics import Comparison, compare
from pipelines.study.result import ArmResult, Quantity

__all__ = ["Effect", "factor_effects"]


@dataclass(frozen=True)
class Effect:
    """A level of a factor against the factor's first one.

    Attributes
    ----------
    factor, level, reference : str
        By the design's names.
    within : str or None
        The level of the first factor to which the combinations are confined; None for all.
    n_combinations : int
        Of the other factors' levels, over which the difference is averaged.
    comparison : Comparison
        Of that average, seed by seed, corrected for the number of effects over the same
        combinations.
    """

    factor: str
    level: str
    reference: str
    within: str | None
    n_combinations: int
    comparison: Comparison

    @property
    def name(self) -> str:
        """What people call it, such as "layer norm instead of no norm"."""
        return f"{self.level} instead of {self.reference}".replace("_", " ")


def factor_effects(
    arms: Sequence[ArmResult],
    references: Mapping[str, str],
    quantity: Quantity,
    *,
    greater_is_better: bool,
) -> list[Effect]:
    """Compare each level with the reference of its factor, all else being equal.

    The difference is averaged over the combinations that were trained to the end with every seed
    at both levels, so that its interval and test are of five values where there are five seeds.

    Parameters
    ----------
    arms : sequence of ArmResult
        Combinations of levels; others are left out.
    references : mapping of str to str
        The level of each factor that the others are compared with.
    quantity : Quantity
        What is compared.
    greater_is_better : bool

    Returns
    -------
    list of Effect
        Over all combinations and then, but for the first factor, within each of its levels. Empty
        where none is of two combinations or more.
    """
    trained = {
        tuple(arm.arm.levels.values()): arm.values(quantity)
        for arm in arms
        if arm.arm.levels and not arm.n_failed
    }
    found: dict[tuple[str, str, str | None], list[np.ndarray]] = {}
    for number, (factor, reference) in enumerate(references.items()):
        for levels, values in trained.items():
            other = trained.get((*levels[:number], reference, *levels[number + 1 :]))
            if levels[number] == reference or other is None:
                continue
            for within in (None, levels[0]) if number else (None,):
                found.setdefault((factor, levels[number], within), []).append(values - other)
    if all(len(differences) < 2 for differences in found.values()):
        return []
    effects = []
    for family in dict.fromkeys(within for *_, within in found):
        own = {which: differences for which, differences in found.items() if which[2] == family}
        compared = compare(
            {str(which): np.mean(differences, axis=0) for which, differences in own.items()},
            np.zeros(len(arms[0].runs)),
            greater_is_better=greater_is_better,
        )
        effects += [
            Effect(factor, level, references[factor], within, len(differences), comparison)
            for ((factor, level, within), differences), comparison in zip(
                own.items(), compared.values(), strict=True
            )
        ]
    return effects
