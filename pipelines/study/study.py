"""The study: every arm of a design with several seeds, to be compared with the baseline."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipelines.data import Dataset
from pipelines.errors import InputError
from pipelines.study.arm import VARIANTS, Variant
from pipelines.study.design import Design, design_for
from pipelines.study.experiment import Experiment, make_experiment, run_experiments
from pipelines.study.result import ArmResult
from pipelines.study.split import split_dataset
from pipelines.study.study_result import StudyResult

__all__ = ["Study", "plan_study"]


@dataclass(frozen=True)
class Study:
    """A study that is ready to be run.

    Attributes
    ----------
    design : Design
        With the arms that were chosen.
    experiment : Experiment
    """

    design: Design
    experiment: Experiment

    def run(self, **how: Any) -> StudyResult:
        """Run the study, with the keyword arguments of :func:`run_experiments`."""
        (arms,) = run_experiments([self.experiment], **how)
        return self.result(arms, n_jobs=how.get("n_jobs"))

    def result(self, arms: Sequence[ArmResult], *, n_jobs: int | None = None) -> StudyResult:
        """Put the arms that were run together.

        Parameters
        ----------
        arms : sequence of ArmResult
            Of the experiment.
        n_jobs : int, default=None
            How many were run at once.
        """
        experiment = self.experiment
        settings = experiment.arms[0].hyperparameters
        sizes = " / ".join(f"{len(part):,}" for part in experiment.split)
        return StudyResult(
            dataset=experiment.dataset.name,
            design=self.design,
            metric=experiment.metric,
            seeds=experiment.seeds,
            arms=tuple(arms),
            n_far=experiment.n_far,
            facts={
                "data set": experiment.dataset.name,
                "rows to train, validate and test on": sizes,
                "hidden layers": "-".join(map(str, settings["hidden_layer_sizes"])),
                "optimizer": (
                    f"{settings['optimizer']}, learning rate {settings['learning_rate']:g}"
                ),
                "batch size": settings["batch_size"],
                "epochs": settings["epochs"],
                "seeds": f"{experiment.seeds[0]} to {experiment.seeds[-1]}",
                "fits at once": n_jobs or 1,
            },
        )


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
) -> Study:
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
    Study

    Raises
    ------
    InputError
        For an unknown arm, fewer than one repeat, an impossible hyperparameter, or a data set that
        cannot be split.

    Examples
    --------
    >>> from pipelines import load_dataset
    >>> study = plan_study(
    ...     load_dataset("iris"), arms=["selu"], repeats=2, hyperparameters={"epochs": 1}
    ... )
    >>> [arm.label for arm in study.run().arms]
    ['glorot, relu', 'lecun normal, selu']
    """
    if repeats < 1:
        raise InputError(f"repeats must be 1 or more, but it is {repeats}.")
    design = design_for(dataset).select(arms, variants)
    experiment = make_experiment(
        dataset,
        design,
        split=split_dataset(dataset, design.split, test_size=test_size, random_state=random_state),
        seeds=range(random_state, random_state + repeats),
        overrides=hyperparameters,
        numbers=numbers,
    )
    return Study(design, experiment)
