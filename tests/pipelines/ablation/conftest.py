"""Ablation studies that nobody ran."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from pipelines.ablation import Ablation, AblationPlan, plan_ablation
from pipelines.data import load_dataset
from pipelines.search import Evaluation, FoldResult, make_splitter

BEST = {
    "activation": "selu",
    "parametric_activation": True,
    "dropout": 0.1,
    "epochs": 3,
    "random_state": 7,
}


@pytest.fixture(scope="session")
def wine():
    """Development and test rows."""
    return load_dataset("wine").split()


@pytest.fixture(scope="session")
def make_plan(wine) -> Callable[..., AblationPlan]:
    """A function that plans a study on wine, by default of activation, dropout and minibatches."""
    development, test = wine

    def make(best: Mapping[str, Any] | None = None, **changes: Any) -> AblationPlan:
        how = {
            "name": "best",
            "splitter": lambda seed: make_splitter(development, n_splits=2, random_state=seed),
            "seeds": (0, 1),
        }
        return plan_ablation(
            development, test, BEST if best is None else best, **{**how, **changes}
        )

    return make


@pytest.fixture(scope="session")
def judged(make_plan) -> Callable[..., Ablation]:
    """A function that judges made-up scores: by network, and of a network by seed and fold."""

    def make(
        scores: Mapping[str, Sequence[Sequence[float]] | None], seconds: float = 1.0, **changes: Any
    ) -> Ablation:
        plan = make_plan(**changes)
        by_run = {one.name: one for each in plan.candidates.values() for one in each}
        evaluations = {}
        for network in plan.networks:
            for place, seed in enumerate(plan.seeds):
                candidate = by_run[f"{network.name}, seed {seed}"]
                own = scores[network.name]
                cost = seconds * (2 if "dropout" in network.techniques else 1)
                evaluations[candidate.number] = Evaluation(
                    candidate,
                    "diverged" if own is None else "complete",
                    "Training diverged." if own is None else None,
                    () if own is None else tuple(_fold(score, cost) for score in own[place]),
                    0.0,
                    9.0,
                    warnings=("Beware.",) if "dropout" in network.techniques else (),
                )
        return Ablation.of(plan, evaluations)

    return make


def _fold(score: float, epoch_seconds: float) -> FoldResult:
    return FoldResult(
        train_scores={"accuracy": score, "f1_macro": score, "neg_log_loss": -score},
        validation_scores={"accuracy": score, "f1_macro": score, "neg_log_loss": -score},
        fit_seconds=10.0,
        score_seconds=0.1,
        epoch_seconds=epoch_seconds,
        predict_microseconds=1.0,
        n_weights=100,
        n_epochs=3,
        curves={"loss": [1.0]},
        held_out_scores={"test": {"accuracy": score - 0.01, "neg_log_loss": -score}},
    )


@pytest.fixture(scope="session")
def scores() -> dict[str, list[list[float]]]:
    """Dropout carries the gain, minibatches help alone, activation is worth nothing."""
    jitter = [[0.000, 0.002], [0.001, 0.003]]
    crossed = [[0.002, 0.000], [0.003, 0.001]]  # of the same mean
    other = [[0.001, 0.002], [0.002, 0.003]]
    another = [[0.003, 0.001], [0.002, 0.002]]  # both of mean 0.002

    def about(mean: float, noise: list[list[float]]) -> list[list[float]]:
        return [[mean + one for one in seed] for seed in noise]

    return {
        "plain": about(0.60, jitter),
        "best": about(0.90, crossed),
        "activation added to plain": about(0.60, other),
        "dropout added to plain": about(0.85, other),
        "minibatches added to plain": about(0.70, other),
        "activation left out of best": about(0.90, another),
        "dropout left out of best": about(0.65, another),
        "minibatches left out of best": about(0.90, another),
    }
