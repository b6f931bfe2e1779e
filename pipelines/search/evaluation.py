"""A candidate, and the record of its evaluation by cross-validation."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Literal, TypeAlias

import numpy as np

from estimators import Finding

__all__ = [
    "Candidate",
    "Curves",
    "Evaluation",
    "FoldResult",
    "Status",
    "dump_evaluation",
    "load_evaluation",
]

Curves: TypeAlias = dict[str, list[float]]
Status: TypeAlias = Literal["complete", "failed", "diverged", "pruned"]


@dataclass(frozen=True)
class Candidate:
    """One configuration of the pipeline, to be evaluated.

    Attributes
    ----------
    number : int
        Its place in the search, from 0.
    params : mapping of str to object
        scikit-learn parameters of the pipeline by path, as ``set_params`` takes them.
    hyperparameters : mapping of str to object
        The same by name, defaults included; all candidates of a search have the same keys.
    name : str
        A label, unique within the search.
    fingerprint : str or None
        Names everything that the evaluation depends on; see
        :func:`pipelines.search.fingerprinted`.
    """

    number: int
    params: Mapping[str, Any]
    hyperparameters: Mapping[str, Any]
    name: str
    fingerprint: str | None = None


@dataclass(frozen=True)
class FoldResult:
    """The result of one fold of the cross-validation.

    Attributes
    ----------
    train_scores, validation_scores : dict of str to float
        Scores by scorer name.
    fit_seconds, score_seconds : float
        Wall time of fitting, and of scoring the validation rows.
    epoch_seconds : float
        Median wall time of an epoch.
    predict_microseconds : float
        Wall time of prediction a row.
    n_weights : int
        Number of the network's weights, trained or not.
    n_epochs : int
        Epochs run.
    curves : dict of str to list of float
        Loss and metrics by epoch, as in the estimator's ``history_``.
    held_out_scores : dict of str to dict of str to float
        Scores on rows outside all folds, by the rows' name, where they were asked for.
    activations : dict of str to list of float
        Statistics of the hidden activations, where they were asked for; see
        :func:`pipelines.search.activation_statistics`.
    """

    train_scores: dict[str, float]
    validation_scores: dict[str, float]
    fit_seconds: float
    score_seconds: float
    epoch_seconds: float
    predict_microseconds: float
    n_weights: int
    n_epochs: int
    curves: dict[str, list[float]]
    held_out_scores: dict[str, dict[str, float]] = field(default_factory=dict)
    activations: dict[str, list[float]] = field(default_factory=dict)


@dataclass(frozen=True)
class Evaluation:
    """The outcome of a candidate: scores and curves of its folds, or why there are none.

    Attributes
    ----------
    candidate : Candidate
    status : {"complete", "failed", "diverged", "pruned"}
    reason : str or None
        One sentence, where the status is not "complete".
    folds : tuple of FoldResult
        Empty where the status is not "complete".
    started_at, ended_at : float
        Unix times in seconds.
    warnings : tuple of str
        Messages of the fits' warnings, each once.
    unfinished : tuple of dict
        Curves of the folds up to where they ended, where the status is not "complete".
    findings : tuple of estimators.Finding
        What a diagnosis of the last fold has found, where one was asked for.
    figures : dict of str to float or list of float
        What it has measured; see :attr:`estimators.diagnosis.Diagnosis.recorded`.
    figures_by_epoch : dict of str to list of [int, float]
        What it has measured between the epochs; see
        :attr:`estimators.diagnosis.Diagnosis.recorded_by_epoch`.
    """

    candidate: Candidate
    status: Status
    reason: str | None
    folds: tuple[FoldResult, ...]
    started_at: float
    ended_at: float
    warnings: tuple[str, ...] = ()
    unfinished: tuple[Curves, ...] = ()
    findings: tuple[Finding, ...] = ()
    figures: Mapping[str, float | list[float]] = field(default_factory=dict)
    figures_by_epoch: Mapping[str, list[list[float]]] = field(default_factory=dict)

    @property
    def diagnosis(self) -> str:
        """The causes that were found, with commas between."""
        return ", ".join(finding.cause for finding in self.findings)

    @classmethod
    def failed(cls, candidate: Candidate, reason: str) -> Evaluation:
        """Return an evaluation that ended just now, for a reason in one sentence."""
        now = time.time()
        return cls(candidate, "failed", reason, (), now, now)

    def of(self, candidate: Candidate) -> Evaluation:
        """The same evaluation with its candidate under another number and name."""
        return replace(self, candidate=candidate)

    def scores(self, metric: str, rows: Literal["train", "validation"]) -> np.ndarray:
        """Scores of one metric, one a fold; of length 0 where nothing was scored."""
        return np.array([getattr(fold, f"{rows}_scores")[metric] for fold in self.folds])

    def train_mean(self, metric: str) -> float:
        """Mean of a metric over the training folds; nan where nothing was scored."""
        return _mean(self.scores(metric, "train"))

    def validation_mean(self, metric: str) -> float:
        """Mean of a metric over the validation folds; nan where nothing was scored."""
        return _mean(self.scores(metric, "validation"))

    def validation_std(self, metric: str) -> float:
        """Standard deviation of a metric over the validation folds."""
        scores = self.scores(metric, "validation")
        return float(scores.std()) if scores.size else float("nan")

    @property
    def fit_seconds(self) -> float:
        """Mean seconds of a fit; nan where nothing was fitted to the end."""
        return _mean(np.array([fold.fit_seconds for fold in self.folds]))

    @property
    def curves(self) -> Curves:
        """Curves by epoch, each the mean over the folds that reached that epoch."""
        folds = [fold.curves for fold in self.folds] or [*self.unfinished]
        names = folds[0] if folds else {}
        return {name: _mean_curve([curves.get(name, []) for curves in folds]) for name in names}


def dump_evaluation(evaluation: Evaluation) -> str:
    """Write an evaluation as JSON, with the name and the fingerprint of its candidate.

    The candidate's parameters, which may be any objects, are left out.
    """
    own = {
        field.name: getattr(evaluation, field.name)
        for field in fields(Evaluation)
        if field.name not in ("candidate", "folds", "findings")
    }
    candidate = evaluation.candidate
    named = {"name": candidate.name, "fingerprint": candidate.fingerprint}
    parts = {
        name: [asdict(each) for each in getattr(evaluation, name)] for name in ("folds", "findings")
    }
    return json.dumps({**named, **own, **parts})


def load_evaluation(text: str) -> Evaluation:
    """Read what :func:`dump_evaluation` wrote.

    The candidate has a name and a fingerprint only; see :meth:`Evaluation.of`.
    """
    content = json.loads(text)
    candidate = Candidate(-1, {}, {}, content.pop("name"), content.pop("fingerprint"))
    folds = tuple(FoldResult(**fold) for fold in content.pop("folds"))
    warnings = tuple(content.pop("warnings"))
    unfinished = tuple(content.pop("unfinished"))
    findings = tuple(
        Finding(**{**each, "remedies": tuple(each["remedies"])})
        for each in content.pop("findings", [])  # earlier versions made none
    )
    return Evaluation(
        candidate=candidate,
        folds=folds,
        warnings=warnings,
        unfinished=unfinished,
        findings=findings,
        **content,
    )


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if values.size else float("nan")


def _mean_curve(curves: list[list[float]]) -> list[float]:
    longest = max(len(curve) for curve in curves)
    padded = np.full((len(curves), longest), np.nan)
    for row, curve in zip(padded, curves, strict=True):
        row[: len(curve)] = curve
    reached = np.count_nonzero(~np.isnan(padded), axis=0)
    means = np.full(longest, np.nan)
    return np.divide(np.nansum(padded, axis=0), reached, out=means, where=reached > 0).tolist()
