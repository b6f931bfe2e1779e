"""A study that nobody ran, and data sets to run one on."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipelines.data import Dataset, load_dataset
from pipelines.search import Candidate, Evaluation, FoldResult
from pipelines.study import (
    VARIANTS,
    Arm,
    ArmResult,
    Design,
    Figures,
    Metric,
    Publication,
    StudyResult,
    factorial_arms,
)

_ACCURACY = Metric("accuracy", "%", 100, 2, "accuracy", True, "accuracy", 1.0, 0.005)


def _measured(
    score, *, train=None, last_epoch=None, epoch_seconds=1.0, curve=None, activations=None
) -> FoldResult:
    curve = curve or [score - 0.1, score]
    return FoldResult(
        train_scores={"accuracy": score + 0.05 if train is None else train},
        validation_scores={"accuracy": score},
        fit_seconds=10.0,
        score_seconds=0.1,
        epoch_seconds=epoch_seconds,
        predict_microseconds=1.0,
        n_weights=100,
        n_epochs=len(curve),
        curves={
            "accuracy": [0.5, score if last_epoch is None else last_epoch],
            "val_accuracy": curve,
        },
        held_out_scores={"test": {"accuracy": score - 0.01}},
        activations=activations or {},
    )


def _make_result(name, scores, *, label=None, variants=VARIANTS, **details) -> ArmResult:
    label = label or (f"the {name} (as run)" if variants == ("as run",) else f"the {name}")
    arm = Arm(name, label, {"activation": name, "epochs": 2}, variants)
    runs = []
    for seed, score in enumerate(scores):
        candidate = Candidate(seed, {}, {}, f"{label}, seed {seed}")
        folds = () if score is None else (_measured(score, **details),)
        status, reason = ("complete", None) if folds else ("diverged", "Training diverged.")
        runs.append(Evaluation(candidate, status, reason, folds, float(seed), seed + 5.0))
    return ArmResult(arm, _ACCURACY, tuple(runs))


@pytest.fixture(scope="session")
def make_result() -> Callable[..., ArmResult]:
    """A function that makes the result of an arm: a score a seed, None for one that diverged."""
    return _make_result


@pytest.fixture(scope="session")
def accuracy() -> Metric:
    return _ACCURACY


@pytest.fixture(scope="session")
def study() -> StudyResult:
    """A baseline, a better arm, one that was run otherwise than described, and one that fails."""
    arms: tuple[Any, ...] = (
        _make_result("relu", [0.80, 0.81, 0.79]),
        _make_result("selu", [0.90, 0.912, 0.889], epoch_seconds=2.0, curve=[0.85, 0.9]),
        _make_result("prelu", [0.80, 0.81, 0.80], variants=("as described",)),
        _make_result("prelu", [0.70, 0.71, 0.69], variants=("as run",), last_epoch=0.8),
        _make_result("tanh", [0.60, None, 0.61]),
    )
    publications = (
        Publication("relu", "the relu", Figures(0.80, 0.80, 10.0)),
        Publication("selu", "the selu", Figures(0.90, 0.902, 12.0)),
        Publication(
            "prelu", "the prelu", Figures(0.80, 0.70), discrepancy="Something else was run."
        ),
        Publication("tanh", "the tanh", Figures(0.80, 0.99), output=Figures(0.8, 0.6)),
    )
    design = Design(
        title="Made up",
        arms=tuple(result.arm for result in arms),
        baseline="relu",
        fixed={},
        far_deviations=100.0,
        publications=publications,
    )
    facts = {"data set": "made up"}
    return StudyResult("made_up", design, _ACCURACY, (0, 1, 2), arms, 0, facts)


def _factorial_study(scores) -> StudyResult:
    """A study of combinations; takes the scores by seed of each, in the order of the product."""
    factors: dict[str, dict[str, dict[str, Any]]] = {
        "cell": {"lstm": {"cell": "lstm"}, "simple": {"cell": "simple"}},
        "clipping": {"no_clipping": {}, "clipnorm": {"clipnorm": 1.0}},
        "norm": {"no_norm": {}, "layer_norm": {"layer_norm": True}},
    }
    arms = tuple(
        replace(_make_result(arm.name, own, label=arm.label), arm=arm)
        for arm, own in zip(factorial_arms(factors), scores, strict=True)
    )
    design = Design("Made up", tuple(one.arm for one in arms), "lstm", {}, 100.0)
    return StudyResult("made_up", design, _ACCURACY, (0, 1, 2), arms, 0, {})


@pytest.fixture(scope="session")
def factorial_study() -> Callable[..., StudyResult]:
    return _factorial_study


@pytest.fixture(scope="session")
def iris() -> Dataset:
    return load_dataset("iris")


@pytest.fixture(scope="session")
def diabetes() -> Dataset:
    return load_dataset("diabetes")


@pytest.fixture(scope="session")
def real():
    """Return a real data set, or skip if it is not in the data home."""

    def load(name: str, file: str) -> Dataset:
        home = Path(os.environ.get("SCIKIT_LEARN_DATA", "~/scikit_learn_data")).expanduser()
        if not list(home.glob(f"{file}*")):
            pytest.skip(f"{file} is not in scikit-learn's data home")
        return load_dataset(name)

    return load


@pytest.fixture(scope="session")
def housing(real) -> Dataset:
    return real("california_housing", "cal_housing_py3.pkz")


@pytest.fixture(scope="session")
def fashion(real) -> Dataset:
    return real("fashion_mnist", "fashion_mnist/train-images-idx3-ubyte")
