"""Small tables, and pipelines that train on them in no time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.pipeline import Pipeline

from pipelines import Dataset, make_pipeline


def _table(task: str) -> Dataset:
    values = np.random.default_rng(0).normal(loc=5, scale=3, size=(60, 3))
    X = pd.DataFrame(values, columns=["length", "width", "height"])
    total = X["length"] - 2 * X["width"]
    y = total if task == "regression" else total.map(lambda x: "big" if x > -5 else "small")
    return Dataset("boxes", X, y.rename("size"), task, "table", "made up")


@pytest.fixture(scope="session")
def classes() -> Dataset:
    """Sixty rows of two classes."""
    return _table("classification")


@pytest.fixture(scope="session")
def numbers() -> Dataset:
    """Sixty rows with a number to predict."""
    return _table("regression")


@pytest.fixture(scope="session")
def quick() -> Callable[..., Pipeline]:
    """A function that makes a pipeline whose network trains quickly."""

    def make(dataset: Dataset, scaling: str = "auto", **params: Any) -> Pipeline:
        small = {"hidden_layer_sizes": (4,), "epochs": 2, "batch_size": 16, "random_state": 0}
        return make_pipeline(dataset, preset="plain", scaling=scaling, **{**small, **params})

    return make
