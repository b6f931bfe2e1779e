"""The claims of the published text, each a small experiment with a verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from pipelines.data import Dataset
from pipelines.pipeline import make_pipeline
from pipelines.search import FindEvaluations, SearchObserver
from pipelines.techniques.execution import run_plan
from pipelines.techniques.judgement import Judgement, judge
from pipelines.techniques.plan import Plan, make_plan
from pipelines.techniques.result import LineResult, Quantity, judged_by
from pipelines.techniques.splits import Rows, split_rows
from pipelines.techniques.table import Row, Table, declared, table_for

__all__ = ["Claim", "ClaimResult", "ClaimsStudy", "read_claims"]

Expectation = Literal["greater", "less", "equal", "chance"]
Measured = Literal["score", "gap", "seconds", "epochs", "dead", "drift", "failed"]


@dataclass(frozen=True)
class Claim:
    """A claim: how some arms differ from a reference arm in one quantity.

    Attributes
    ----------
    name, text : str
    quantity : str
        What is measured; see ``tables/claims.yaml``.
    arms : tuple of str
    expect : {"greater", "less", "equal", "chance"}
    reference : str or None
        None where the arms are compared with a constant prediction.
    """

    name: str
    text: str
    quantity: Measured
    arms: tuple[str, ...]
    expect: Expectation
    reference: str | None = None


@dataclass(frozen=True)
class ClaimResult:
    """A claim with its evidence.

    Attributes
    ----------
    claim : Claim
    judgement : Judgement
    lines : mapping of str to LineResult
        The arms and the reference, by name of the arm.
    """

    claim: Claim
    judgement: Judgement
    lines: Mapping[str, LineResult]


def read_claims() -> tuple[dict[str, Any], tuple[Claim, ...]]:
    """Read what is declared: the settings with the arms, and the claims about them."""
    settings = declared("claims")
    claims = tuple(
        Claim(**{**claim, "arms": tuple(claim["arms"])}) for claim in settings.pop("claims")
    )
    return settings, claims


class ClaimsStudy:
    """Try all claims on a data set, with quick settings.

    Parameters
    ----------
    repeats : int, default=5
        Seeds.
    epochs : int, default=None
        In place of the declared ones.
    test_size, random_state, n_jobs, line_observers, observers, resume
        As for :class:`pipelines.techniques.TechniquesStudy`.
    first_number : int, default=0
        Number of the first line, so that a tracker can tell them from those of another study.
    """

    def __init__(
        self,
        *,
        repeats: int = 5,
        epochs: int | None = None,
        test_size: float = 0.2,
        random_state: int = 0,
        n_jobs: int | None = None,
        line_observers: Sequence[SearchObserver] = (),
        observers: Sequence[SearchObserver] = (),
        resume: FindEvaluations | None = None,
        first_number: int = 0,
    ):
        self.repeats = repeats
        self.epochs = epochs
        self.test_size = test_size
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.line_observers = line_observers
        self.observers = observers
        self.resume = resume
        self.first_number = first_number

    def plan(self, dataset: Dataset) -> Plan:
        """Say what would be run on a data set."""
        read, claims = read_claims()
        settings = read["settings"][dataset.kind]
        values = {f"${name}": value for name, value in settings.items()}
        needed = {arm for claim in claims for arm in (*claim.arms, claim.reference)}
        fixed = {**table_for(dataset).fixed, "engine": settings["engine"]}
        fixed["learning_rate"] = settings["rate"] or fixed["learning_rate"]
        fixed["epochs"] = self.epochs or settings["epochs"]
        arms = tuple(
            _arm(name, told, values) for name, told in read["arms"].items() if name in needed
        )
        return make_plan(
            Table(arms, arms[0].name, fixed, is_published=False),
            make_pipeline(dataset),
            variants=["as described"],
            seeds=range(self.random_state, self.random_state + self.repeats),
            overrides={},
            first_number=self.first_number,
        )

    def run(self, dataset: Dataset) -> tuple[ClaimResult, ...]:
        """Run the experiments.

        Parameters
        ----------
        dataset : Dataset

        Returns
        -------
        tuple of ClaimResult
        """
        read, claims = read_claims()
        plan = self.plan(dataset)
        rows = split_rows(dataset, test_size=self.test_size, random_state=self.random_state)
        rows = rows._replace(train=rows.train[: read["train_rows"]])
        executed = run_plan(
            plan,
            dataset,
            rows,
            layers=True,
            n_jobs=self.n_jobs,
            line_observers=self.line_observers,
            observers=self.observers,
            resume=self.resume,
        )
        by_arm = {line.line.row.name: line for line in executed.lines}
        judging = judged_by(executed.n_far)
        constant = _constant_score(dataset, rows, executed.usual)
        return tuple(_tried(claim, by_arm, judging, constant) for claim in claims)


def _arm(name: str, told: Mapping[str, Any], values: Mapping[str, Any]) -> Row:
    settings = {
        key: values.get(value, value) if isinstance(value, str) else value
        for key, value in told.items()
        if key != "label"
    }
    return Row(name, told["label"], settings, settings)


def _constant_score(dataset: Dataset, rows: Rows, usual: np.ndarray) -> float:
    """Metric of the best constant prediction: the largest class, or the mean."""
    y_train, y = dataset.y.iloc[rows.train], dataset.y.iloc[usual]
    if dataset.task == "classification":
        return float((y == y_train.mode()[0]).mean())
    return float(((y - y_train.mean()) ** 2).mean())


def _tried(
    claim: Claim,
    lines: Mapping[str, LineResult],
    judging: Quantity,
    constant: float,
) -> ClaimResult:
    names = [*claim.arms, *([claim.reference] if claim.reference else [])]
    mine = {name: lines[name] for name in names}
    measure = lines[names[0]].measure
    sign = 1.0 if measure.greater_is_better else -1.0
    reference = mine[claim.reference] if claim.reference else None

    def measured(line: LineResult) -> np.ndarray:
        if claim.quantity == "score":
            values = line.values(judging)
            return sign * np.where(np.isnan(values), constant, values)
        if claim.quantity == "gap":
            return sign * (line.values("train") - line.values(judging))
        if claim.quantity == "seconds":
            return np.log(line.values("epoch_seconds"))
        if claim.quantity == "epochs":
            assert reference is not None
            return line.epochs_to(reference)
        if claim.quantity == "failed":
            return np.isnan(line.values("validation")).astype(float)
        return line.layer_summary(claim.quantity)

    judgement = judge(
        {mine[arm].line.row.label: measured(mine[arm]) for arm in claim.arms},
        measured(reference) if reference else np.array([sign * constant]),
        expect=claim.expect,
        margin=2 * measure.tolerance,
        are_failures=claim.quantity == "failed",
    )
    return ClaimResult(claim, judgement, mine)
