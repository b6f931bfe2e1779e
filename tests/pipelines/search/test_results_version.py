"""Recorded results, which may change only together with a ``RESULTS_VERSION``."""

from __future__ import annotations

from contextlib import contextmanager

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import KFold

import estimators
from pipelines import Dataset, make_pipeline
from pipelines.preprocessing import make_preprocessor
from pipelines.search import Candidate, evaluate
from pipelines.search.fingerprint import RESULTS_VERSION

# Of estimators and of pipelines, when the numbers below were recorded.
RECORDED_VERSIONS = (4, 2)
VERSIONS = (estimators.RESULTS_VERSION, RESULTS_VERSION)


@contextmanager
def unless_the_version_was_raised():
    try:
        yield
    except AssertionError as error:
        if VERSIONS == RECORDED_VERSIONS:
            raise AssertionError("results changed: raise RESULTS_VERSION") from error
        raise AssertionError("results changed with their version: record them anew") from error


EVALUATIONS = {
    "classification": (
        {"activation": "selu", "dropout": 0.1},
        {
            "accuracy": [0.85, 0.65, 0.75],
            "neg_log_loss": [-0.405050078, -0.601956729, -0.505223504],
        },
        [0.664569418, 0.59255902, 0.579610725, 0.541183849],
    ),
    "regression": (
        {"activation": "relu", "batch_norm": "after_dense"},
        {
            "r2": [-0.575403365, -0.65311699, 0.188099457],
            "neg_mean_absolute_error": [-6.03618974, -4.277533405, -4.22745655],
        },
        [1.543851654, 1.213563442, 0.980860889, 0.825038493],
    ),
}


@pytest.mark.parametrize("task", EVALUATIONS)
def test_an_evaluation(task, classes, numbers):
    dataset = classes if task == "classification" else numbers
    hyperparameters, expected, losses = EVALUATIONS[task]
    pipeline = make_pipeline(
        dataset,
        preset="plain",
        hidden_layer_sizes=(8, 4),
        epochs=4,
        batch_size=16,
        learning_rate=0.01,
        random_state=0,
        **hyperparameters,
    )
    result = evaluate(
        Candidate(0, {}, {}, "it"),
        dataset.X,
        dataset.y,
        pipeline=pipeline,
        splits=list(KFold(3, shuffle=True, random_state=0).split(dataset.X)),
        metrics=tuple(expected),
    )
    with unless_the_version_was_raised():
        for metric, scores in expected.items():
            # Another processor rounds otherwise.
            assert result.scores(metric, "validation") == pytest.approx(scores, rel=1e-4)
        assert result.curves["loss"] == pytest.approx(losses, rel=1e-4)


# Age and income with missing values and an outlier, towns with one, and smokers.
PEOPLE = pd.DataFrame(
    {
        "age": [31.0, np.nan, 54.0, 18.0, 77.0, 41.0],
        "income": [1e3, 2.5e4, np.nan, 4e4, 1e9, -50.0],
        "town": ["Bonn", "Celle", None, "Bonn", "Aachen", "Bonn"],
        "smoker": [True, False, True, True, False, False],
    }
)
CATEGORIES = [  # Aachen, Bonn, Celle, missing; False, True
    [0, 1, 0, 0, 0, 1],
    [0, 0, 1, 0, 1, 0],
    [0, 0, 0, 1, 0, 1],
    [0, 1, 0, 0, 0, 1],
    [1, 0, 0, 0, 1, 0],
    [0, 1, 0, 0, 1, 0],
]
NUMBERS = {
    "standard": (
        [-0.6850462, -0.1442202, 0.5588534, -1.3881199, 1.8027531, -0.1442202],
        [-0.4472597, -0.4471953, -0.4471953, -0.4471551, 2.236068, -0.4472625],
    ),
    "robust": (
        [-0.5797101, 0.0, 0.7536232, -1.3333334, 2.0869565, 0.0],
        [-0.8205128, 0.0, 0.0, 0.5128205, 34187.1796875, -0.856410265],
    ),
    "quantile": (
        [-0.8416212, -0.2533471, 0.8416212, -5.1993375, 5.1993375, -0.2533471],
        [-0.8416212, -0.2533471, -0.2533471, 0.8416212, 5.1993375, -5.1993375],
    ),
    "minmax": (
        [0.220338985, 0.3898305, 0.6101695, 0.0, 1.0, 0.3898305],
        [1.05e-06, 2.505e-05, 2.505e-05, 4.005e-05, 1.0, 0.0],
    ),
}


@pytest.mark.parametrize("scaling", NUMBERS)
def test_the_preprocessing_of_a_messy_table(scaling):
    y = pd.Series(["a", "b"] * 3)
    dataset = Dataset("people", PEOPLE, y, "classification", "table", "made up")
    found = make_preprocessor(dataset, scaling=scaling).fit_transform(PEOPLE).to_numpy()
    with unless_the_version_was_raised():
        np.testing.assert_allclose(found[:, :2].T, NUMBERS[scaling], rtol=1e-5, atol=1e-9)
        np.testing.assert_array_equal(found[:, 2:], CATEGORIES)
