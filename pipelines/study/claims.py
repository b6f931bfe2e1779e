"""The claims of the published text, tried as small experiments and judged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pipelines.data import Dataset
from pipelines.study.arm import Arm, technique_arm, technique_names
from pipelines.study.claim import Claim, ClaimResult, read_claims
from pipelines.study.claim_verdict import judge, judged_by_study
from pipelines.study.design import design_for
from pipelines.study.experiment import Experiment, make_experiment, run_experiments
from pipelines.study.result import ArmResult, Quantity, judged_quantity
from pipelines.study.split import split_dataset
from pipelines.study.study import StudyResult

__all__ = ["Claims", "plan_claims"]


@dataclass(frozen=True)
class Claims:
    """Claims that are ready to be tried.

    Attributes
    ----------
    claims : tuple of Claim
    experiment : Experiment
        Of all their arms.
    """

    claims: tuple[Claim, ...]
    experiment: Experiment

    def run(self, **how: Any) -> tuple[ClaimResult, ...]:
        """Try the claims, with the keyword arguments of :func:`run_experiments`."""
        (arms,) = run_experiments([self.experiment], **how)
        return self.results(arms)

    def results(
        self, arms: Sequence[ArmResult], study: StudyResult | None = None
    ) -> tuple[ClaimResult, ...]:
        """Judge the claims.

        Parameters
        ----------
        arms : sequence of ArmResult
            Of the experiment.
        study : StudyResult, default=None
            Of the same data set. What it compares is judged there, and not once more.

        Returns
        -------
        tuple of ClaimResult
        """
        by_name = {result.arm.name: result for result in arms}
        constant = _constant_score(self.experiment)
        quantity = judged_quantity(self.experiment.n_far)
        return tuple(
            (study and _study_result(claim, study))
            or _result(claim, {name: by_name[name] for name in claim.all_arms}, quantity, constant)
            for claim in self.claims
        )


def plan_claims(
    dataset: Dataset,
    *,
    repeats: int = 5,
    epochs: int | None = None,
    test_size: float = 0.2,
    random_state: int = 0,
    numbers: Iterator[int] | None = None,
) -> Claims:
    """Plan experiments for all claims on a data set, with quick settings.

    Parameters
    ----------
    dataset : Dataset
    repeats : int, default=5
        Seeds.
    epochs : int, default=None
        In place of the declared ones.
    test_size, random_state, numbers
        As for :func:`pipelines.study.plan_study`.

    Returns
    -------
    Claims
    """
    declared, claims = read_claims(dataset.kind)
    settings = declared["settings"][dataset.kind]
    design = design_for(dataset)
    fixed = {
        **design.fixed,
        "engine": settings["engine"],
        "learning_rate": settings["rate"] or design.fixed["learning_rate"],
        "epochs": epochs or settings["epochs"],
    }
    values = {f"${name}": value for name, value in settings.items()}
    names = dict.fromkeys(name for claim in claims for name in claim.all_arms)
    known = {arm.name: arm for arm in design.arms} if dataset.kind == "sequence" else {}
    arms = tuple(_arm(name, declared["arms"].get(name, {}), values, known) for name in names)
    split = split_dataset(dataset, design.split, test_size=test_size, random_state=random_state)
    experiment = make_experiment(
        dataset,
        replace(design, arms=arms, fixed=fixed, publications=()),
        split=split.at_most({"train": declared["train_rows"], **design.most_rows}),
        seeds=range(random_state, random_state + repeats),
        prefix="claims: ",
        numbers=numbers,
        activations=any(claim.quantity in ("dead", "drift") for claim in claims),
    )
    return Claims(claims, experiment)


def _arm(
    name: str,
    declared: Mapping[str, Any],
    values: Mapping[str, Any],
    known: Mapping[str, Arm],
) -> Arm:
    """An arm of the design, or else of a technique, with what is declared to be different."""
    changes = {
        key: values.get(value, value) if isinstance(value, str) else value
        for key, value in declared.items()
    }
    base = changes.pop("arm", name)
    if base not in known:
        return replace(technique_arm(base, **changes), name=name)
    arm = known[base]
    label = changes.pop("label", arm.label)
    return Arm(name, label, {**arm.hyperparameters, **changes})


def _constant_score(experiment: Experiment) -> float:
    """Metric of the best constant prediction: the largest class, or the mean."""
    target = experiment.dataset.y
    y_train, y = target.iloc[experiment.split.train], target.iloc[experiment.in_range]
    if experiment.dataset.task == "classification":
        return float((y == y_train.mode()[0]).mean())
    return float(((y - y_train.mean()) ** 2).mean())


def _study_result(claim: Claim, study: StudyResult) -> ClaimResult | None:
    """The claim as the study has judged it; None where it does not compare the same."""
    if (claim.quantity, claim.expect) != ("score", "greater"):
        return None
    if claim.reference != study.design.baseline:
        return None
    arms: dict[str, ArmResult] = {}
    for name in claim.all_arms:
        result = study.arm(name, study.variant)
        if result is None or not _is_technique(result.arm):
            return None
        arms[name] = result
    sign = 1.0 if study.metric.greater_is_better else -1.0
    verdict = judged_by_study(
        study.comparisons,
        {arms[name].label: sign * arms[name].values(study.judged_by) for name in claim.arms},
        sign * study.baseline.values(study.judged_by),
    )
    return ClaimResult(claim, verdict, arms, is_of_study=True)


def _is_technique(arm: Arm) -> bool:
    """Whether an arm of a study is what the technique of its name declares."""
    if arm.name not in technique_names():
        return True  # of a design that combines techniques, which declares it alone
    declared = technique_arm(arm.name).hyperparameters
    return all(arm.hyperparameters[name] == value for name, value in declared.items())


def _result(
    claim: Claim, arms: Mapping[str, ArmResult], score: Quantity, constant: float
) -> ClaimResult:
    metric = arms[claim.arms[0]].metric
    sign = 1.0 if metric.greater_is_better else -1.0
    reference = arms[claim.reference] if claim.reference else None

    def measured(arm: ArmResult) -> np.ndarray:
        match claim.quantity:
            case "score":
                values = arm.values(score)
                return sign * np.where(np.isnan(values), constant, values)
            case "gap":
                return sign * (arm.values("train") - arm.values(score))
            case "seconds":
                return np.log(arm.values("epoch_seconds"))
            case "epochs":
                assert reference is not None
                return arm.epochs_to(reference)
            case "dead":
                return arm.dead_units()
            case "drift":
                return arm.activation_drift()
            case "failed":
                return np.isnan(arm.values("validation")).astype(float)

    verdict = judge(
        {arms[name].label: measured(arms[name]) for name in claim.arms},
        measured(reference) if reference else np.array([sign * constant]),
        expect=claim.expect,
        margin=2 * metric.tolerance,
        are_failures=claim.quantity == "failed",
    )
    return ClaimResult(claim, verdict, arms)
