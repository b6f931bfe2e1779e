"""The design of a study: its arms, what was published of them, and how its rows are split."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import resources
from typing import Any

import yaml

from pipelines.data import Dataset
from pipelines.errors import check_choice
from pipelines.search.hyperparameters import as_tuple
from pipelines.study.arm import VARIANTS, Arm, Variant, factorial_arms, technique_arm
from pipelines.study.split import SplitRule

__all__ = ["Design", "Figures", "Publication", "design_for", "read_design"]


@dataclass(frozen=True)
class Figures:
    """Figures of one published run.

    Attributes
    ----------
    train, validation : float
        Accuracy as a share, or mean squared error in the target's unit squared.
    seconds : float or None
        Wall time of the fit, where it was given.
    """

    train: float
    validation: float
    seconds: float | None = None


@dataclass(frozen=True)
class Publication:
    """What was published of an arm.

    Attributes
    ----------
    arm, label : str
        Name of the arm, and the label of the one that was described.
    table : Figures
        What the published table says.
    output : Figures or None
        What the output behind it shows, where the table says something else.
    discrepancy : str
        In what the arm as described and as run differ, in one sentence; empty where they do not.
    """

    arm: str
    label: str
    table: Figures
    output: Figures | None = None
    discrepancy: str = ""


@dataclass(frozen=True)
class Design:
    """A comparison of arms with a baseline.

    Attributes
    ----------
    title : str
        What people call the data set.
    arms : tuple of Arm
        Of one that was run otherwise than described both, the described one first.
    baseline : str
        Name of the arm that the others are compared with.
    fixed : mapping of str to object
        Hyperparameters of every arm, unless the arm has its own.
    far_deviations : float
        From how many standard deviations of the training rows on a validation row is far outside.
    publications : tuple of Publication
        By arm; none for data that nothing was published on.
    split : SplitRule or None
        The published split.
    unit : str or None
        Of the published metric; None for that of the target.
    tolerance : float or None
        How far a published figure may be off and still count as reproduced, in the metric's unit.
    studied : str
        What the arms differ in, in words.
    most_rows : mapping of str to int
        How many rows are used at most, of "train", "validation" and "test".
    """

    title: str
    arms: tuple[Arm, ...]
    baseline: str
    fixed: Mapping[str, Any]
    far_deviations: float
    publications: tuple[Publication, ...] = ()
    split: SplitRule | None = None
    unit: str | None = None
    tolerance: float | None = None
    studied: str = "initializer, activation and batch normalization"
    most_rows: Mapping[str, int] = field(default_factory=dict)

    def select(self, names: Sequence[str] = (), variants: Sequence[Variant] = VARIANTS) -> Design:
        """Keep some arms, and the baseline in any case.

        Parameters
        ----------
        names : sequence of str, default=()
            Of arms; empty for all.
        variants : sequence of {"as described", "as run"}
            Those to keep of each arm.

        Returns
        -------
        Design

        Raises
        ------
        InputError
            For a name that no arm has.
        """
        known = list(dict.fromkeys(arm.name for arm in self.arms))
        for name in names:
            check_choice("row", name, known)
        kept = {*names, self.baseline} if names else set(known)
        chosen = (
            replace(arm, variants=tuple(one for one in arm.variants if one in variants))
            for arm in self.arms
            if arm.name in kept
        )
        return replace(
            self,
            arms=tuple(arm for arm in chosen if arm.variants),
            publications=tuple(one for one in self.publications if one.arm in kept),
        )


def design_for(dataset: Dataset) -> Design:
    """Return the design of the study on a data set.

    Where one was published on the data set, it is that. Other data get the arms that were
    described for their task, without figures.

    Parameters
    ----------
    dataset : Dataset

    Returns
    -------
    Design

    Examples
    --------
    >>> from pipelines.data import load_dataset
    >>> design = design_for(load_dataset("wine"))
    >>> [arm.label for arm in design.arms][-2:], design.publications
    (['lecun normal, selu', 'he normal, batch norm, relu'], ())
    """
    is_sequence = dataset.kind == "sequence"
    declared = [
        one
        for one in _declared_designs()
        if one["task"] == dataset.task and ("factors" in one) == is_sequence
    ]
    for one in declared:
        if one["dataset"] == dataset.name:
            return read_design(one)
    general = next(one for one in declared if "elsewhere" in one)
    described = read_design(general).select(variants=["as described"])
    return Design(
        title=dataset.name,
        arms=tuple(replace(arm, variants=VARIANTS) for arm in described.arms),
        baseline=described.baseline,
        fixed={**described.fixed, **general["elsewhere"]},
        far_deviations=described.far_deviations,
        studied=described.studied,
        most_rows=described.most_rows,
    )


def _declared_designs() -> Iterator[dict[str, Any]]:
    folder = resources.files("pipelines.study").joinpath("designs")
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        yield yaml.safe_load(file.read_text("utf-8"))


def read_design(declared: Mapping[str, Any]) -> Design:
    """Read a design as a file of ``designs`` declares it; the keys are explained there."""
    published = declared.get("arms", {})
    arms = tuple(arm for one in published.items() for arm in _arms(*one))
    return Design(
        title=declared["title"],
        arms=arms or tuple(factorial_arms(declared["factors"])),
        baseline=declared["baseline"],
        fixed={name: as_tuple(value) for name, value in declared["fixed"].items()},
        far_deviations=declared["far_deviations"],
        publications=tuple(
            Publication(
                arm=name,
                label=_arms(name, one)[0].label,
                table=Figures(**one["published"]),
                output=Figures(**one["output"]) if "output" in one else None,
                discrepancy=one.get("discrepancy", ""),
            )
            for name, one in published.items()
        ),
        split=SplitRule(**declared["split"]),
        unit=declared.get("unit"),
        tolerance=declared["tolerance"],
        studied=declared.get("studied", Design.studied),
        most_rows=declared.get("most_rows", {}),
    )


def _arms(name: str, declared: Mapping[str, Any]) -> list[Arm]:
    """An arm as described and, where it is another, as run."""
    described = technique_arm(name, declared.get("label"), **declared.get("as_described", {}))
    if "as_run" not in declared:
        return [described]
    as_run = {**described.hyperparameters, **declared["as_run"]}
    return [
        replace(described, variants=("as described",)),
        Arm(name, f"{described.label} (as run)", as_run, ("as run",)),
    ]
