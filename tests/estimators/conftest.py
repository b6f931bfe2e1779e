"""Small data, and estimators that train on it in no time."""

from __future__ import annotations

import random
from contextlib import contextmanager
from typing import Any, NamedTuple

import keras
import numpy as np
import pytest
import tensorflow as tf

from estimators import KerasMLPClassifier, KerasMLPRegressor


class Task(NamedTuple):
    """An estimator's class and rows for it, the input standardized."""

    estimator: type
    X: np.ndarray
    y: np.ndarray

    def make(self, **params: Any):
        """An unfitted estimator that trains quickly."""
        quick = {"hidden_layer_sizes": (4,), "epochs": 2, "batch_size": 16, "random_state": 0}
        return self.estimator(**{**quick, **params})

    def fit(self, **params: Any):
        """A fitted one."""
        return self.make(**params).fit(self.X, self.y)


def _input() -> np.ndarray:
    X = np.random.default_rng(0).normal(size=(60, 3))
    return (X - X.mean(axis=0)) / X.std(axis=0)


@pytest.fixture
def classification():
    """Three classes."""
    X = _input()
    return Task(KerasMLPClassifier, X, np.digitize(X[:, 0] + X[:, 1], [-0.7, 0.7]))


@pytest.fixture
def binary():
    """Two classes."""
    X = _input()
    return Task(KerasMLPClassifier, X, (X[:, 0] + X[:, 1] > 0).astype(int))


@pytest.fixture
def regression():
    """One target column."""
    X = _input()
    return Task(KerasMLPRegressor, X, X[:, 0] - 2 * X[:, 1])


@pytest.fixture(params=["classification", "regression"])
def task(request):
    """Each of the two."""
    return request.getfixturevalue(request.param)


class GlobalDraws:
    """What the global random generators of a process draw next."""

    @contextmanager
    def unchanged(self):
        """Assert that the block leaves all of them as they were."""
        keras.utils.set_random_seed(5)
        expected = self._draw()
        keras.utils.set_random_seed(5)
        yield
        assert self._draw() == expected

    @staticmethod
    def _draw() -> list[float]:
        return [
            random.random(),
            float(np.random.random()),
            float(tf.random.uniform(())),
            float(keras.random.uniform(())),
        ]


@pytest.fixture
def global_draws():
    return GlobalDraws()
