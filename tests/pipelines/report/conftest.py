"""Evaluations of a made-up search."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from pipelines.search import Candidate, Evaluation, FoldResult


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
