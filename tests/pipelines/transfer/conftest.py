"""A small table in two halves, and a network that has learned one of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pipelines.data import Dataset, load_dataset
from pipelines.data.sequences import make_sequences
from pipelines.pipeline import make_pipeline
from pipelines.search import Candidate, Evaluation, FoldResult
from pipelines.study.arm import Arm
from pipelines.study.metric import metric_for
from pipelines.study.result import ArmResult
from pipelines.transfer import SizeResult

SETTINGS = {"hidden_layer_sizes": (12, 6), "batch_size": 16, "random_state": 0}


def table(name, *, shift=0.0, columns="abc", classes=False, n_rows=150, seed=0):
    random = np.random.default_rng(seed)
    X = pd.DataFrame(random.normal(size=(n_rows, 3)) + shift, columns=list("abc"))
    values = X["a"] * X["b"] + X["c"]
    X = X.assign(d=random.normal(size=n_rows))[list(columns)]
    y = pd.Series(np.where(values > 0, "high", "low")) if classes else values
    task = "classification" if classes else "regression"
    return Dataset(name, X, y.rename("y"), task, "table", "made up")


@pytest.fixture(scope="session")
def tables():
    """A function that makes tables."""
    return table


@pytest.fixture(scope="session")
def source():
    learned = table("first half", seed=1, n_rows=400)
    pipeline = make_pipeline(learned, preset="plain", epochs=60, activation="elu", **SETTINGS)
    return pipeline.fit(learned.X, learned.y)


def made_sequences(name, *, channels=("a", "b"), n_steps=12, n_rows=80, seed=0):
    """Whether channel a rises above 0 in sum; every third sequence ends four steps early."""
    values = np.random.default_rng(seed).normal(size=(n_rows, n_steps, len(channels)))
    values[::3, -4:] = np.nan
    sums = np.nansum(values[:, :, list(channels).index("a")], axis=1)
    y = pd.Series(np.where(sums > 0, "high", "low"), name="y")
    return make_sequences(
        values, y, name=name, source="made up", task="classification", channels=channels
    )


@pytest.fixture(scope="session")
def sequences():
    """A function that makes sequences."""
    return made_sequences


@pytest.fixture(scope="session")
def recurrent_source():
    learned = made_sequences("first half", seed=1, n_rows=240)
    settings = {**SETTINGS, "learning_rate": 0.01, "global_clipnorm": 1.0, "cell": "gru"}
    return make_pipeline(learned, preset="plain", epochs=15, **settings).fit(learned.X, learned.y)


METRIC = metric_for(load_dataset("iris"))


def run(curve, seconds=0.5):
    fold = FoldResult(
        train_scores={"accuracy": 1.0},
        validation_scores={"accuracy": curve[-1]},
        fit_seconds=3.0,
        score_seconds=0.1,
        epoch_seconds=seconds,
        predict_microseconds=1.0,
        n_weights=3,
        n_epochs=len(curve),
        curves={"accuracy": curve, "val_accuracy": curve},
    )
    return Evaluation(Candidate(0, {}, {}, "it"), "complete", None, (fold,), 0.0, 1.0)


def arm(name, *curves):
    return ArmResult(Arm(name, name, {}), METRIC, tuple(run(curve) for curve in curves))


@pytest.fixture
def size():
    """Three seeds: "frozen" is worse than scratch, "thawed" better, "fine-tuned" neither."""
    return SizeResult(
        50,
        3,
        {
            "scratch": arm("scratch", [0.1, 0.4, 0.5], [0.1, 0.5, 0.6], [0.2, 0.6, 0.7]),
            "frozen": arm("frozen", [0.2, 0.2, 0.3], [0.2, 0.3, 0.41], [0.1, 0.2, 0.49]),
            "thawed": arm("thawed", [0.5, 0.6, 0.7], [0.5, 0.6, 0.81], [0.6, 0.7, 0.89]),
            "fine-tuned": arm("fine-tuned", [0.4, 0.4, 0.6], [0.4, 0.5, 0.5], [0.2, 0.5, 0.8]),
        },
    )
