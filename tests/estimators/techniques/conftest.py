"""A linear model whose gradients are known, for numbers worked by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from estimators import KerasMLPRegressor
from estimators.techniques import (
    RECURRENT_CLASSIFIER_TECHNIQUES,
    Setting,
    broken_rules,
    check_parameters,
    defaults,
    resolve,
)


class LinearTask:
    """All rows in one batch, so one step an epoch."""

    def __init__(self) -> None:
        rng = np.random.default_rng(0)
        self.X = rng.normal(size=(20, 3)).astype("float32")
        self.y = (self.X @ rng.normal(size=(3, 2)) + 1).astype("float32")

    def make(self, optimizer: str = "sgd", **params: Any) -> KerasMLPRegressor:
        """An initialized estimator without hidden layers."""
        quick = {"batch_size": len(self.X), "shuffle": False, "random_state": 0}
        model = KerasMLPRegressor((), optimizer=optimizer, **{**quick, **params})
        return model.initialize(self.X, self.y)

    def weights(self, **params: Any) -> list[np.ndarray]:
        """Kernel and bias before the first step."""
        return self.make(**params).model_.get_weights()

    def fitted(self, **params: Any) -> list[np.ndarray]:
        """Kernel and bias after a fit."""
        return self.make(**params).fit(self.X, self.y).model_.get_weights()

    def gradients(self, weights: list[np.ndarray]) -> list[np.ndarray]:
        """Of the mean squared error, for kernel and bias."""
        kernel, bias = weights
        error = self.X @ kernel + bias - self.y
        return [2 / error.size * self.X.T @ error, 2 / error.size * error.sum(axis=0)]


@pytest.fixture
def linear() -> LinearTask:
    return LinearTask()


class RecurrentRules:
    """What the rules of recurrent networks say."""

    techniques = RECURRENT_CLASSIFIER_TECHNIQUES

    def broken(self, *, factor: float = 1.0, **params: Any) -> dict[str, str]:
        """Sentences by the name of the rule, for hyperparameters and standardized input."""
        params = {**defaults(self.techniques), **params}
        check_parameters(self.techniques, params, "Estimator")
        numbers = np.random.default_rng(0).normal(size=(50, 2)) * factor
        setting = Setting.of(resolve(self.techniques, params), numbers)
        rules = [rule for technique in self.techniques for rule in technique.rules]
        return {rule.name: rule.sentence(setting) for rule in broken_rules(setting, rules)}


@pytest.fixture
def recurrent_rules() -> RecurrentRules:
    return RecurrentRules()
