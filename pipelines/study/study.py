"""The study: every arm of a design with several seeds, compared with the baseline."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from pipelines.data import Dataset
from pipelines.errors import InputError
from pipelines.statistics import Comparison, Interval, compare, mean_interval, ratio_interval
from pipelines.study.arm import VARIANTS, Variant
from pipelines.study.design import Design, design_for
from pipelines.study.effects import Effect, factor_effects
from pipelines.study.experiment import Experiment, make_experiment, run_experiments
from pipelines.study.metric import Metric
from pipelines.study.result import ArmResult, Quantity, judged_quantity
from pipelines.study.split import split_dataset

__all__ = ["Reach", "StudyResult", "plan_study", "run_study"]


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

    @classmethod
    def of(
        cls, experiment: Experiment, arms: Sequence[ArmResult], *, n_jobs: int | None = None
    ) -> StudyResult:
        """Return the result of an experiment whose arms were run, ``n_jobs`` runs at once."""
        settings = experiment.arms[0].hyperparameters
        sizes = " / ".join(f"{len(part):,}" for part in experiment.split)
        rate = f"{settings['optimizer']}, learning rate {settings['learning_rate']:g}"
        return cls(
            dataset=experiment.dataset.name,
            design=experiment.design,
            metric=experiment.metric,
            seeds=experiment.seeds,
            arms=tuple(arms),
            n_far=experiment.n_far,
            facts={
                "data set": experiment.dataset.name,
                "rows to train, validate and test on": sizes,
                "hidden layers": "-".join(map(str, settings["hidden_layer_sizes"])),
                "optimizer": rate,
                "batch size": settings["batch_size"],
                "epochs": settings["epochs"],
                "seeds": f"{experiment.seeds[0]} to {experiment.seeds[-1]}",
                "fits at once": n_jobs or 1,
            },
        )

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
    def single_changes(self) -> list[ArmResult]:
        """The baseline and what differs from it in one factor; all judged arms of other designs."""
        usual = self.baseline.arm.levels.items()
        return [arm for arm in self.judged if len(usual) - len(usual & arm.arm.levels.items()) <= 1]

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

    @cached_property
    def effects(self) -> list[Effect]:
        """What the levels of each factor do, where the arms are combinations of levels."""
        return factor_effects(
            self.judged,
            self.baseline.arm.levels,
            self.judged_by,
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


def plan_study(
    dataset: Dataset,
    *,
    arms: Sequence[str] = (),
    repeats: int = 5,
    variants: Sequence[Variant] = VARIANTS,
    hyperparameters: Mapping[str, Any] | None = None,
    test_size: float = 0.2,
    random_state: int = 0,
    numbers: Iterator[int] | None = None,
) -> Experiment:
    """Plan the study on a data set.

    Parameters
    ----------
    dataset : Dataset
    arms : sequence of str, default=()
        Names of arms, to which the baseline is added; empty for all of the design.
    repeats : int, default=5
        Seeds, from ``random_state`` on; the split is the same for all.
    variants : sequence of {"as described", "as run"}, default=("as described", "as run")
        Which hyperparameters of published arms are run.
    hyperparameters : mapping of str to object, default=None
        Hyperparameters of every arm in place of the design's, such as ``{"epochs": 5}``.
    test_size : float, default=0.2
        Share of the test rows, of data that has no published split.
    random_state : int, default=0
        The first seed, and the seed of the split.
    numbers : iterator of int, default=None
        Gives arms and runs their numbers, which are from 0 on by default.

    Returns
    -------
    Experiment

    Raises
    ------
    InputError
        For an unknown arm, fewer than one repeat, an impossible hyperparameter, or a data set that
        cannot be split.

    Examples
    --------
    >>> from pipelines import load_dataset
    >>> study = plan_study(load_dataset("iris"), arms=["selu"], repeats=2)
    >>> [arm.label for arm in study.arms]
    ['glorot, relu', 'lecun normal, selu']
    """
    if repeats < 1:
        raise InputError(f"repeats must be 1 or more, but it is {repeats}.")
    design = design_for(dataset).select(arms, variants)
    split = split_dataset(dataset, design.split, test_size=test_size, random_state=random_state)
    return make_experiment(
        dataset,
        design,
        split=split.at_most(design.most_rows),
        seeds=range(random_state, random_state + repeats),
        overrides=hyperparameters,
        numbers=numbers,
    )


def run_study(experiment: Experiment, **how: Any) -> StudyResult:
    """Run what was planned, with the keyword arguments of :func:`run_experiments`."""
    (arms,) = run_experiments([experiment], **how)
    return StudyResult.of(experiment, arms, n_jobs=how.get("n_jobs"))
