"""The evaluation of one candidate by cross-validation, and the record that it leaves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

__all__ = ["Candidate", "Evaluation", "FoldResult"]


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
        The same under the names that people read; all candidates of a search have the
        same keys.
    name : str
        A label for people, unique within the search.
    """

    number: int
    params: Mapping[str, Any]
    hyperparameters: Mapping[str, Any]
    name: str


@dataclass(frozen=True)
class FoldResult:
    """What one fold of the cross-validation gave.

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


@dataclass(frozen=True)
class Evaluation:
    """A candidate with what came of it.

    Attributes
    ----------
    candidate : Candidate
    status : {"complete", "failed", "diverged"}
    reason : str or None
        One sentence, where the status is not "complete".
    folds : tuple of FoldResult
        Empty where the status is not "complete".
    started_at, ended_at : float
        Unix times in seconds.
    """

    candidate: Candidate
    status: Literal["complete", "failed", "diverged"]
    reason: str | None
    folds: tuple[FoldResult, ...]
    started_at: float
    ended_at: float

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
    def curves(self) -> dict[str, list[float]]:
        """Curves by epoch, each the mean over the folds that reached that epoch."""
        names = self.folds[0].curves if self.folds else {}
        return {name: _mean_curve([fold.curves[name] for fold in self.folds]) for name in names}


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if values.size else float("nan")


def _mean_curve(curves: list[list[float]]) -> list[float]:
    longest = max(len(curve) for curve in curves)
    padded = np.full((len(curves), longest), np.nan)
    for row, curve in zip(padded, curves, strict=True):
        row[: len(curve)] = curve
    return np.nanmean(padded, axis=0).tolist()
