"""Evaluations of a made-up search."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from pipelines.report import SearchVerdict, judge_search, printed_metric
from pipelines.search import BaselineResult, Candidate, Evaluation, FoldResult

METRICS = ("accuracy", "f1_macro")


def _fold(score: float, losses: Sequence[float], **details: Any) -> FoldResult:
    values = {
        "train_scores": {"accuracy": score + 0.05, "f1_macro": score - 0.05},
        "validation_scores": {"accuracy": score, "f1_macro": score - 0.1},
        "fit_seconds": 1.0,
        "score_seconds": 0.1,
        "epoch_seconds": 0.5,
        "predict_microseconds": 3.0,
        "n_weights": 1234,
        "n_epochs": len(losses),
        "curves": {"loss": list(losses), "val_loss": [2 * loss for loss in losses]},
    }
    return FoldResult(**{**values, **details})


@pytest.fixture(scope="session")
def complete() -> Callable[..., Evaluation]:
    """A function that makes an evaluation of two folds from its name and mean accuracy."""

    def make(
        number: int, name: str, score: float, losses=(2.0, 1.0), warnings=(), **details: Any
    ) -> Evaluation:
        folds = (
            _fold(score - 0.1, losses, **{"fit_seconds": 1.0, **details}),
            _fold(score + 0.1, losses, **{"fit_seconds": 2.0, **details}),
        )
        hyperparameters = {"activation": name.split(",")[0], "epochs": 20}
        candidate = Candidate(number, {}, hyperparameters, name)
        return Evaluation(candidate, "complete", None, folds, 0.0, 9.0, warnings)

    return make


@pytest.fixture(scope="session")
def failed() -> Callable[..., Evaluation]:
    """A function that makes an evaluation without folds from its name and the reason."""

    def make(number: int, name: str, reason: str, status: str = "failed") -> Evaluation:
        candidate = Candidate(number, {}, {"activation": name, "epochs": 20}, name)
        return Evaluation(candidate, status, reason, (), 0.0, 9.0)

    return make


@pytest.fixture(scope="session")
def evaluations(complete, failed) -> list[Evaluation]:
    """Two complete ones, not in the order of their scores, a failed and a diverged one."""
    return [
        failed(0, "relu", "ValueError: it broke"),
        complete(1, "elu", 0.7),
        complete(2, "selu, lecun_normal", 0.8, losses=(3.0, 2.0, 1.0), warnings=("Beware.", "So.")),
        failed(3, "tanh", "Training diverged.", status="diverged"),
    ]


@pytest.fixture(scope="session")
def baselines() -> list[BaselineResult]:
    """A constant prediction, and one that was not fitted."""
    scores = {"accuracy": np.array([0.25, 0.35]), "f1_macro": np.array([0.1, 0.1])}
    return [
        BaselineResult("constant prediction", scores, {"accuracy": 0.3, "f1_macro": 0.1}, 0.5),
        BaselineResult("gradient boosting", {}, {}, 0.0, "not fitted: too many rows"),
    ]


@pytest.fixture(scope="session")
def judged() -> Callable[..., SearchVerdict]:
    """A function that judges evaluations; the best one is the winner."""

    def make(evaluations: Sequence[Evaluation], **changes: Any) -> SearchVerdict:
        complete = [one for one in evaluations if one.folds]
        n_folds = len(complete[0].folds)
        rows = np.arange(4 * max(n_folds, 2))
        how = {
            "metrics": [printed_metric(name) for name in METRICS],
            "splits": [(rows[:-4], rows[-4:])] * n_folds,
            "test_scores": {"accuracy": 0.98765, "f1_macro": 0.9},
            "n_test_rows": 1234,
            "seconds": 75.0,
        }
        if "winner" not in changes:
            best = max(complete, key=lambda one: one.validation_mean("accuracy"))
            how["winner"] = best
        return judge_search(evaluations, **{**how, **changes})

    return make


@pytest.fixture(scope="session")
def of_regression(of_folds) -> Callable[..., Evaluation]:
    """A function that makes an evaluation from the R² of its folds."""

    def make(number: int, name: str, scores: Sequence[float], **details: Any) -> Evaluation:
        made = of_folds(number, name, scores, **details)
        folds = [
            replace(fold, validation_scores={"r2": one}, train_scores={"r2": one})
            for fold, one in zip(made.folds, scores, strict=True)
        ]
        return replace(made, folds=tuple(folds))

    return make


@pytest.fixture(scope="session")
def judged_by_r2(judged) -> Callable[..., SearchVerdict]:
    """A function that judges evaluations by R²; the first one is the winner."""

    def make(evaluations: Sequence[Evaluation], **changes: Any) -> SearchVerdict:
        how = {"metrics": [printed_metric("r2")], "test_scores": {"r2": 0.5}}
        return judged(evaluations, **{**how, "winner": evaluations[0], **changes})

    return make


@pytest.fixture(scope="session")
def of_folds(complete) -> Callable[..., Evaluation]:
    """A function that makes an evaluation from the accuracies of its folds."""

    def make(number: int, name: str, scores: Sequence[float], **details: Any) -> Evaluation:
        template = complete(number, name, 0.5, **details)
        folds = tuple(
            replace(template.folds[0], validation_scores={"accuracy": one, "f1_macro": one})
            for one in scores
        )
        return replace(template, folds=folds)

    return make
