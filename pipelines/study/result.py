"""What the runs of an arm give, seed by seed."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from pipelines.search import Evaluation, FoldResult
from pipelines.statistics import Interval, mean_interval
from pipelines.study.arm import Arm
from pipelines.study.metric import Metric

__all__ = ["ArmResult", "Quantity", "judged_quantity"]

Quantity = Literal[
    "train",
    "train_last_epoch",
    "validation",
    "test",
    "in_range",
    "fit_seconds",
    "epoch_seconds",
    "training_seconds",
]
"""What is measured of a run.

"train", "validation" and "test" are the metric of the trained network; "in_range" is that of the
validation rows without those far outside of the training rows, where there are such.
"train_last_epoch" is the mean over the last epoch while the weights moved, with random parts on,
which is what Keras prints and publications show. "epoch_seconds" is the median epoch, and
"training_seconds" that times the epochs: no compiling, no preprocessing. "fit_seconds" is the wall
time of all of it.
"""


def judged_quantity(n_far: int) -> Quantity:
    """The metric that verdicts are by, given how many validation rows are far outside."""
    return "in_range" if n_far else "validation"


@dataclass(frozen=True)
class ArmResult:
    """An arm with its runs.

    Attributes
    ----------
    arm : Arm
    metric : Metric
    runs : tuple of Evaluation
        One a seed, in the order of the seeds.
    """

    arm: Arm
    metric: Metric
    runs: tuple[Evaluation, ...]

    @property
    def label(self) -> str:
        """Label of the arm."""
        return self.arm.label

    @property
    def measured(self) -> tuple[FoldResult | None, ...]:
        """What was measured by seed; None where training did not come to its end."""
        return tuple(run.folds[0] if run.folds else None for run in self.runs)

    @property
    def n_failed(self) -> int:
        """Seeds in which training diverged or failed."""
        return self.measured.count(None)

    @property
    def reason(self) -> str | None:
        """Why seeds failed, where some did."""
        return next((run.reason for run in self.runs if not run.folds), None)

    def values(self, quantity: Quantity) -> np.ndarray:
        """A quantity by seed, nan where training did not come to its end.

        Metrics are as people read them: an accuracy, or a mean squared error above 0.
        """
        return np.array([self._value(quantity, one) if one else math.nan for one in self.measured])

    def _value(self, quantity: Quantity, run: FoldResult) -> float:
        if quantity == "train_last_epoch":
            return self.metric.curve_factor * run.curves[self.metric.curve][-1]
        if quantity == "training_seconds":
            return run.epoch_seconds * run.n_epochs
        if quantity.endswith("_seconds"):
            return getattr(run, quantity)
        scores = {
            "train": run.train_scores,
            "validation": run.validation_scores,
            **run.held_out_scores,
        }
        return self.metric.value(scores.get(quantity, {}).get(self.metric.scorer, math.nan))

    def interval(self, quantity: Quantity) -> Interval:
        """Mean of a quantity over the seeds with its 95 % confidence interval."""
        return mean_interval(self.values(quantity))

    def curves(self, rows: Literal["train", "validation"]) -> np.ndarray:
        """The metric by seed and epoch, of shape (n_seeds, n_epochs); failed seeds are nan."""
        name = self.metric.curve if rows == "train" else f"val_{self.metric.curve}"
        curves = [one.curves[name] if one else [] for one in self.measured]
        table = np.full((len(curves), max(map(len, curves))), math.nan)
        for row, curve in zip(table, curves, strict=True):
            row[: len(curve)] = curve
        return self.metric.curve_factor * table

    def epochs_to(self, other: ArmResult) -> np.ndarray:
        """Epochs until the validation metric is the other arm's last one, by seed; else nan."""
        sign = 1 if self.metric.greater_is_better else -1
        goals = sign * other.curves("validation")[:, -1:]
        there = sign * self.curves("validation") >= goals  # False wherever one of them is nan
        if not there.size:  # every seed of one of the two has failed
            return np.full(len(there), math.nan)
        return np.where(there.any(axis=1), there.argmax(axis=1) + 1.0, math.nan)

    def dead_units(self) -> np.ndarray:
        """Share of the hidden units whose output is the same for every row, by seed."""
        return self._of_activations(lambda hidden: np.mean(hidden["dead"]))

    def activation_drift(self) -> np.ndarray:
        """Distance of the hidden activations from mean 0 and deviation 1, by seed.

        It is the mean over the hidden layers.
        """
        return self._of_activations(
            lambda hidden: np.hypot(hidden["mean"], np.subtract(hidden["deviation"], 1)).mean()
        )

    def _of_activations(
        self, summary: Callable[[Mapping[str, Sequence[float]]], Any]
    ) -> np.ndarray:
        known = [one.activations if one else None for one in self.measured]
        return np.array([float(summary(hidden)) if hidden else math.nan for hidden in known])
