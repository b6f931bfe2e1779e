"""What a study found, line by line and seed by seed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, get_args

import numpy as np

from pipelines.search import Evaluation, FoldResult
from pipelines.techniques.measure import Measure
from pipelines.techniques.plan import Line
from pipelines.techniques.statistics import (
    Comparison,
    Interval,
    compare,
    mean_interval,
    ratio_interval,
)
from pipelines.techniques.table import Table, Variant

__all__ = ["LineResult", "Quantity", "Reach", "StudyResult", "judged_by"]

Quantity = Literal[
    "train",
    "train_last_epoch",
    "validation",
    "test",
    "usual",
    "fit_seconds",
    "epoch_seconds",
    "training_seconds",
]
"""What a fit is measured by.

"train", "validation" and "test" are of the trained network; "usual" is of the validation rows
without those far outside of the training rows, where there are such. "train_last_epoch" is the
mean over the last epoch while the weights moved, with random parts on, which is what Keras prints
and the tables show. "epoch_seconds" is the median epoch, and "training_seconds" that times the
epochs: no compiling, no preprocessing. "fit_seconds" is the wall time of all of it.
"""


def judged_by(n_far: int) -> Quantity:
    """The metric that verdicts are by, given how many validation rows are far outside."""
    return "usual" if n_far else "validation"


@dataclass(frozen=True)
class LineResult:
    """A line with its evaluations, one a seed.

    Attributes
    ----------
    line : Line
    measure : Measure
    evaluations : tuple of Evaluation
        In the order of the seeds; one fold each.
    """

    line: Line
    measure: Measure
    evaluations: tuple[Evaluation, ...]

    @property
    def name(self) -> str:
        """Label of the line."""
        return self.line.name

    @property
    def n_failed(self) -> int:
        """Seeds in which training diverged or failed."""
        return sum(not evaluation.folds for evaluation in self.evaluations)

    @property
    def reason(self) -> str | None:
        """Why seeds failed, where some did."""
        return next((one.reason for one in self.evaluations if not one.folds), None)

    def values(self, quantity: Quantity) -> np.ndarray:
        """A quantity by seed, nan where training did not come to its end.

        Metrics are as people read them: an accuracy, or a mean squared error above 0.
        """
        return np.array(
            [
                self._value(quantity, evaluation.folds[0]) if evaluation.folds else math.nan
                for evaluation in self.evaluations
            ]
        )

    def interval(self, quantity: Quantity) -> Interval:
        """Mean of a quantity over the seeds with its 95 % confidence interval."""
        return mean_interval(self.values(quantity))

    def curves(self, rows: Literal["train", "validation"]) -> np.ndarray:
        """The metric by seed and epoch, of shape (n_seeds, n_epochs); failed seeds are nan."""
        name = self.measure.curve if rows == "train" else f"val_{self.measure.curve}"
        curves = [one.folds[0].curves[name] if one.folds else [] for one in self.evaluations]
        table = np.full((len(curves), max(map(len, curves))), math.nan)
        for row, curve in zip(table, curves, strict=True):
            row[: len(curve)] = curve
        return self.measure.curve_factor * table

    def epochs_to(self, other: LineResult) -> np.ndarray:
        """Epochs until the validation metric is the other line's last one, by seed; else nan."""
        sign = 1 if self.measure.greater_is_better else -1
        goals = sign * other.curves("validation")[:, -1:]
        there = sign * self.curves("validation") >= goals  # False wherever one of them is nan
        return np.where(there.any(axis=1), there.argmax(axis=1) + 1.0, math.nan)

    def layer_summary(self, quantity: Literal["dead", "drift"]) -> np.ndarray:
        """What hidden layers give out, by seed.

        Parameters
        ----------
        quantity : {"dead", "drift"}
            Share of units whose output is the same for every row; or the distance of mean and
            deviation from 0 and 1, a mean over the layers.

        Returns
        -------
        ndarray of shape (n_seeds,)
        """
        summaries = []
        for evaluation in self.evaluations:
            layers = evaluation.folds[0].layers if evaluation.folds else {}
            if not layers:
                summaries.append(math.nan)
            elif quantity == "dead":
                summaries.append(float(np.mean(layers["dead"])))
            else:
                off = np.hypot(layers["mean"], np.subtract(layers["deviation"], 1))
                summaries.append(float(off.mean()))
        return np.array(summaries)

    def as_evaluation(self) -> Evaluation:
        """All seeds as the folds of one evaluation, for a tracker of searches."""
        complete = [one for one in self.evaluations if one.folds]
        broken = [one for one in self.evaluations if not one.folds]
        return Evaluation(
            candidate=self.line.candidate,
            status=broken[0].status if broken else "complete",
            reason=self._failure() if broken else None,
            folds=tuple(fold for one in complete for fold in one.folds),
            started_at=min(one.started_at for one in self.evaluations),
            ended_at=max(one.ended_at for one in self.evaluations),
            warnings=tuple(dict.fromkeys(w for one in self.evaluations for w in one.warnings)),
        )

    def _failure(self) -> str:
        return f"{self.n_failed} of {len(self.evaluations)} seeds: {self.reason}"

    def _value(self, quantity: Quantity, fold: FoldResult) -> float:
        if quantity == "train_last_epoch":
            return self.measure.curve_factor * fold.curves[self.measure.curve][-1]
        if quantity == "training_seconds":
            return fold.epoch_seconds * fold.n_epochs
        if quantity.endswith("_seconds"):
            return getattr(fold, quantity)
        if quantity in ("test", "usual"):
            scores = fold.held_out_scores.get(quantity, {})
        else:
            scores = getattr(fold, f"{quantity}_scores")
        return self.measure.metric(scores.get(self.measure.scorer, math.nan))


@dataclass(frozen=True)
class Reach:
    """How soon a line is as good as the baseline is at its end, seed by seed.

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
    table : Table
    measure : Measure
    seeds : tuple of int
    lines : tuple of LineResult
    n_far : int
        Validation rows far outside of the training rows.
    facts : mapping of str to object
        How it was run, for people.
    """

    dataset: str
    table: Table
    measure: Measure
    seeds: tuple[int, ...]
    lines: tuple[LineResult, ...]
    n_far: int
    facts: Mapping[str, Any]

    def line(self, row: str, variant: Variant) -> LineResult | None:
        """The line of a row in a variant; None where that was not run."""
        return next(
            (
                result
                for result in self.lines
                if result.line.row.name == row and variant in result.line.variants
            ),
            None,
        )

    @property
    def variant(self) -> Variant:
        """The variant that verdicts are about: as described, unless only the other was run."""
        described, as_run = get_args(Variant)
        ran = {variant for result in self.lines for variant in result.line.variants}
        return described if described in ran else as_run

    @property
    def judged(self) -> list[LineResult]:
        """The lines that verdicts are about, in the table's order, the baseline among them."""
        return [result for result in self.lines if self.variant in result.line.variants]

    @property
    def baseline(self) -> LineResult:
        """What the others are compared with."""
        found = self.line(self.table.baseline, self.variant)
        assert found is not None
        return found

    @property
    def judging(self) -> Quantity:
        """What verdicts are by: the validation metric, without the rows that are far outside.

        Which rows those are is decided by the input alone, before any network is trained.
        """
        return judged_by(self.n_far)

    @cached_property
    def comparisons(self) -> dict[str, Comparison]:
        """Each judged line against the baseline, by name of the line."""
        return self.compared_by(self.judging)

    def compared_by(self, quantity: Quantity) -> dict[str, Comparison]:
        """Each judged line against the baseline by another metric, corrected on its own."""
        return compare(
            {
                result.name: result.values(quantity)
                for result in self.judged
                if result is not self.baseline
            },
            self.baseline.values(quantity),
            greater_is_better=self.measure.greater_is_better,
        )

    def time_ratio(self, result: LineResult) -> Interval:
        """Time of an epoch over that of the baseline with the same seed."""
        return ratio_interval(
            result.values("epoch_seconds") / self.baseline.values("epoch_seconds")
        )

    def reach(self, result: LineResult) -> Reach:
        """How soon a line's validation metric is what the baseline's is in the end."""
        epochs = result.epochs_to(self.baseline)
        trained = np.isfinite(result.values("validation") - self.baseline.values("validation"))
        return Reach(
            n_reached=int(np.isfinite(epochs).sum()),
            n_seeds=int(trained.sum()),
            epochs=mean_interval(epochs),
            seconds=mean_interval(epochs * result.values("epoch_seconds")),
        )

    def ranked(self) -> list[LineResult]:
        """The judged lines, the best mean first, the failed ones last."""
        sign = -1 if self.measure.greater_is_better else 1

        def key(result: LineResult) -> tuple[bool, float]:
            mean = result.interval(self.judging).mean
            return bool(result.n_failed) or math.isnan(mean), sign * mean

        return sorted(self.judged, key=key)
