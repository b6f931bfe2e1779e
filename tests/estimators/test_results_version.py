"""Results that were recorded: where they change, a search must not take over older evaluations."""

from __future__ import annotations

import numpy as np
import pytest

from estimators import RESULTS_VERSION, KerasMLPClassifier, KerasMLPRegressor

X = np.random.default_rng(7).normal(size=(60, 4))
Y = X[:, 0] * X[:, 1] - X[:, 2]
SHARED = {"epochs": 3, "batch_size": 16, "random_state": 3}
FITS = {
    "plain": lambda: KerasMLPRegressor((5, 3), **SHARED).fit(X, Y),
    "random": lambda: KerasMLPClassifier(
        (6,), "randomized_leaky_relu", dropout=0.2, optimizer="nadam", **SHARED
    ).fit(X, Y > 0),
    "normalized": lambda: KerasMLPRegressor(
        (5, 4),
        "tanh",
        batch_norm="before_dense",
        optimizer="sgd",
        momentum=0.5,
        nesterov=True,
        learning_rate=0.05,
        global_clipnorm=0.5,
        weight_decay=0.01,
        standardize_target=True,
        **SHARED,
    ).fit(X, Y),
    "stopped": lambda: KerasMLPClassifier(
        (5,), "selu", early_stopping=True, validation_fraction=0.2, **SHARED
    ).fit(X, np.digitize(Y, [-1, 1])),
    "embedded": lambda: KerasMLPRegressor(
        (5,), "silu", numeric_embedding="both", n_bins=4, **SHARED
    ).fit(np.maximum(X, 0), Y),
}
RECORDED_VERSION = 5
RECORDED = {
    "plain": {"sum": -5.16221, "norm": 4.6934, "loss": 4.46099, "mean_absolute_error": 1.68},
    "random": {"sum": -1.51247, "norm": 3.69268, "loss": 0.814576, "accuracy": 0.5},
    "normalized": {
        "sum": 11.659,
        "norm": 5.04608,
        "loss": 0.578789,
        "mean_absolute_error": 0.488744,
    },
    "stopped": {
        "sum": -0.883609,
        "norm": 2.95518,
        "loss": 1.20596,
        "accuracy": 0.229167,
        "val_loss": 1.38206,
        "val_accuracy": 0.333333,
    },
    "embedded": {"sum": 1.97233, "norm": 17.1793, "loss": 2.00396, "mean_absolute_error": 1.07639},
}


def numbers(model):
    """Sum and length of the weights, and the last loss and metric, of a fit."""
    weights = np.concatenate([each.ravel() for each in model.model_.get_weights()])
    return {
        "sum": float(weights.sum()),
        "norm": float(np.linalg.norm(weights)),
        **{name: curve[-1] for name, curve in model.history_.items()},
    }


def test_recorded_numbers_are_of_this_version():
    assert RESULTS_VERSION == RECORDED_VERSION, "record the numbers of this version anew"


@pytest.mark.parametrize("name", FITS)
def test_results_are_those_of_the_version(name):
    # Rounding differs between machines; a change of the mathematics is larger.
    assert numbers(FITS[name]()) == pytest.approx(RECORDED[name], rel=1e-3, abs=1e-4), (
        "results changed: raise RESULTS_VERSION"
    )
