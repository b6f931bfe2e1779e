"""Remedies of a diagnosis, tried and kept only where they are shown to help."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone, is_classifier
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.pipeline import Pipeline

from estimators import Finding
from pipelines.data.step_targets import is_by_step
from pipelines.pipeline import hyperparameter_paths
from pipelines.search import Candidate, evaluate, score
from pipelines.search.real_steps import EachStep
from pipelines.statistics import LEVEL, Comparison, compare

__all__ = ["Repair", "Trial", "repair"]

# What a pipeline can do before its network.
_OF_PIPELINES: Mapping[str, tuple[dict[str, Any], ...]] = {
    "input not scaled": ({"scaling": "standard"},),
}
_MOST_ROUNDS = 5


@dataclass(frozen=True)
class Trial:
    """A remedy that was tried.

    Attributes
    ----------
    cause : str
    remedy : dict of str to object
        Hyperparameters by name.
    metric : str
        The scorer.
    before, after : ndarray of shape (n_seeds,)
        Scores of the validation rows without it and with it, seed by seed.
    comparison : Comparison
        Of the two; its p is corrected for the number of remedies that the cause has.
    is_kept : bool
        Whether it is shown to help.
    """

    cause: str
    remedy: dict[str, Any]
    metric: str
    before: np.ndarray
    after: np.ndarray
    comparison: Comparison
    is_kept: bool

    @property
    def sentence(self) -> str:
        """What was tried, and what came of it."""
        told = ", ".join(f"{name}={value!r}" for name, value in self.remedy.items())
        verdict = "kept" if self.is_kept else "not kept"
        return (
            f"Against {self.cause}: {told}: validation {self.metric} {self.before.mean():.4f} to "
            f"{self.after.mean():.4f} over {len(self.after)} seeds, p = "
            f"{self.comparison.p_adjusted:.2g}; {verdict}."
        )


@dataclass(frozen=True)
class Repair:
    """What came of a repair.

    Attributes
    ----------
    pipeline : Pipeline
        Unfitted, with what was kept.
    kept : dict of str to object
        Hyperparameters that it has changed.
    trials : tuple of Trial
        All that was tried, in order.
    findings : tuple of estimators.Finding
        What the diagnosis still finds.
    """

    pipeline: Pipeline
    kept: dict[str, Any]
    trials: tuple[Trial, ...]
    findings: tuple[Finding, ...]


def repair(
    pipeline: Pipeline,
    X: pd.DataFrame,
    y: pd.Series | pd.DataFrame,
    X_val: pd.DataFrame,
    y_val: pd.Series | pd.DataFrame,
    *,
    metric: str,
    n_seeds: int = 5,
    random_state: int = 0,
) -> Repair:
    """Try the remedies of what a diagnosis finds, and keep those that are shown to help.

    The configuration is fitted and diagnosed; finding by finding the remedies are tried in their
    order, each with the same seeds as the configuration as it is, until one is better by the
    paired t test at the level of 5 %, divided by the number of the cause's remedies. What is kept
    is diagnosed anew, as often as something is kept, at most five times.

    Parameters
    ----------
    pipeline : Pipeline
        Unfitted, of :func:`pipelines.pipeline.make_pipeline`.
    X, X_val : DataFrame
        Rows to train on and to score.
    y, y_val : Series, or DataFrame of a target in each step
    metric : str
        A scikit-learn scorer.
    n_seeds : int, default=5
        At least 3.
    random_state : int, default=0
        The first seed.

    Returns
    -------
    Repair

    Raises
    ------
    ValueError
        For fewer than three seeds.

    Notes
    -----
    A fit that diverges counts as a constant prediction, which is what it leaves. The seeds share
    their rows, so that what is shown is shown for this split.
    """
    if n_seeds < 3:
        raise ValueError(
            f"A repair compares seeds in pairs, of which it takes 3 or more. Got {n_seeds}."
        )
    rows = X, y, X_val, y_val
    seeds = range(random_state, random_state + n_seeds)
    least = _constant(rows, metric, classifies=is_classifier(pipeline))
    now, kept = clone(pipeline), dict[str, Any]()
    trials: list[Trial] = []
    before, findings = _scores(now, rows, metric, seeds, least)
    for _ in range(_MOST_ROUNDS):
        helped = None
        for trial, candidate, found in _tried(now, findings, rows, metric, seeds, before, least):
            trials.append(trial)
            if trial.is_kept:
                helped = trial, candidate, found
                break
        if helped is None:
            break
        trial, now, findings = helped
        kept |= trial.remedy
        before = trial.after
    return Repair(now, kept, tuple(trials), findings)


Rows = tuple[pd.DataFrame, pd.Series | pd.DataFrame, pd.DataFrame, pd.Series | pd.DataFrame]


def _tried(
    pipeline: Pipeline,
    findings: Sequence[Finding],
    rows: Rows,
    metric: str,
    seeds: Sequence[int],
    before: np.ndarray,
    least: float,
) -> Iterator[tuple[Trial, Pipeline, tuple[Finding, ...]]]:
    """Try remedies one after another, with the changed pipeline and what is found in it."""
    paths = hyperparameter_paths(pipeline)
    for finding in findings:
        own = _OF_PIPELINES.get(finding.cause, ())
        remedies = [each for each in (*own, *finding.remedies) if each.keys() <= paths.keys()]
        for remedy in remedies:
            changed = {paths[name]: value for name, value in remedy.items()}
            candidate = clone(pipeline).set_params(**changed)
            after, found = _scores(candidate, rows, metric, seeds, least)
            comparison = compare({"it": after}, before, greater_is_better=True)["it"]
            p = min(1.0, comparison.p * len(remedies))
            comparison = replace(comparison, p_adjusted=p)
            helps = comparison.verdict == "better" and p < LEVEL
            yield (
                Trial(finding.cause, dict(remedy), metric, before, after, comparison, helps),
                candidate,
                found,
            )


def _scores(
    pipeline: Pipeline, rows: Rows, metric: str, seeds: Sequence[int], least: float
) -> tuple[np.ndarray, tuple[Finding, ...]]:
    """Scores by seed, and what a diagnosis of the first seed's network finds."""
    X, y, X_val, y_val = rows
    positions = np.arange(len(X) + len(X_val))
    how: dict[str, Any] = {
        "X": pd.concat([X, X_val]),
        "y": pd.concat([y, y_val]),
        "pipeline": pipeline,
        "splits": [(positions[: len(X)], positions[len(X) :])],
        "metrics": [metric],
    }
    path = f"{pipeline.steps[-1][0]}__random_state"
    scores: list[float] = []
    findings: tuple[Finding, ...] = ()
    for seed in seeds:
        candidate = Candidate(0, {path: seed}, {}, str(seed))
        evaluation = evaluate(candidate, diagnoses=seed == seeds[0], **how)
        if evaluation.status == "failed":
            raise ValueError(evaluation.reason)
        has_diverged = evaluation.status == "diverged"
        scores.append(least if has_diverged else evaluation.validation_mean(metric))
        findings += evaluation.findings
    return np.array(scores), findings


def _constant(rows: Rows, metric: str, *, classifies: bool) -> float:
    X, y, X_val, y_val = rows
    dummy = DummyClassifier(strategy="prior") if classifies else DummyRegressor()
    if is_by_step(y):
        dummy = EachStep(dummy)
    return score(dummy.fit(X, y), X_val, y_val, [metric])[metric]
