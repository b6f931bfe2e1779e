"""What a study found: its arms beside the baseline."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from pipelines.statistics import Comparison, Interval, compare, mean_interval, ratio_interval
from pipelines.study.arm import VARIANTS, Variant
from pipelines.study.design import Design
from pipelines.study.metric import Metric
from pipelines.study.result import ArmResult, Quantity, judged_quantity

__all__ = ["Reach", "StudyResult"]


@dataclass(frozen=True)
class Reach:
    """How soon an arm is as good as the baseline is at its end, seed by seed.

    Attributes
    ----------
    n_reached, n_seeds : int
        Seeds in which it ever is, and those in which both were trained to the end.
    epochs, seconds : Interval
        Over the seeds in which it is. Seconds are epochs times the median epoch.
    """

    n_reached: int
    n_seeds: int
    epochs: Interval
    seconds: Interval


@dataclass(frozen=True)
class StudyResult:
    """What a study found.

    Attributes
    ----------
    dataset : str
        Name of the data set.
    design : Design
    metric : Metric
    seeds : tuple of int
    arms : tuple of ArmResult
    n_far : int
        Validation rows far outside of the training rows.
    facts : mapping of str to object
        How it was run, for people.
    """

    dataset: str
    design: Design
    metric: Metric
    seeds: tuple[int, ...]
    arms: tuple[ArmResult, ...]
    n_far: int
    facts: Mapping[str, Any]

    def arm(self, name: str, variant: Variant) -> ArmResult | None:
        """An arm in a variant; None where that was not run."""
        found = (one for one in self.arms if one.arm.name == name and variant in one.arm.variants)
        return next(found, None)

    @property
    def variant(self) -> Variant:
        """The variant that verdicts are about: as described, unless only the other was run."""
        ran = {variant for result in self.arms for variant in result.arm.variants}
        return next(variant for variant in VARIANTS if variant in ran)

    @property
    def judged(self) -> list[ArmResult]:
        """The arms that verdicts are about, in the design's order, the baseline among them."""
        return [result for result in self.arms if self.variant in result.arm.variants]

    @property
    def baseline(self) -> ArmResult:
        """What the others are compared with."""
        found = self.arm(self.design.baseline, self.variant)
        assert found is not None
        return found

    @property
    def judged_by(self) -> Quantity:
        """What verdicts are by: the validation metric, without the rows that are far outside."""
        return judged_quantity(self.n_far)

    @cached_property
    def comparisons(self) -> dict[str, Comparison]:
        """Each judged arm against the baseline, by label."""
        return self.compared_by(self.judged_by)

    def compared_by(self, quantity: Quantity) -> dict[str, Comparison]:
        """Each judged arm against the baseline by another metric, corrected on its own."""
        others = [result for result in self.judged if result is not self.baseline]
        return compare(
            {result.label: result.values(quantity) for result in others},
            self.baseline.values(quantity),
            greater_is_better=self.metric.greater_is_better,
        )

    def time_ratio(self, result: ArmResult) -> Interval:
        """Time of an epoch over that of the baseline with the same seed."""
        return ratio_interval(
            result.values("epoch_seconds") / self.baseline.values("epoch_seconds")
        )

    def reach(self, result: ArmResult) -> Reach:
        """How soon an arm's validation metric is what the baseline's is in the end."""
        epochs = result.epochs_to(self.baseline)
        trained = np.isfinite(result.values("validation") - self.baseline.values("validation"))
        return Reach(
            n_reached=int(np.isfinite(epochs).sum()),
            n_seeds=int(trained.sum()),
            epochs=mean_interval(epochs),
            seconds=mean_interval(epochs * result.values("epoch_seconds")),
        )

    def ranked(self) -> list[ArmResult]:
        """The judged arms, the best mean first, the failed ones last."""
        sign = -1 if self.metric.greater_is_better else 1

        def key(result: ArmResult) -> tuple[bool, float]:
            mean = result.interval(self.judged_by).mean
            return bool(result.n_failed) or math.isnan(mean), sign * mean

        return sorted(self.judged, key=key)
