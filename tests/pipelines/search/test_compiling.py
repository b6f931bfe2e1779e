"""What a candidate needs is compiled before its turn, and nothing else changes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import QuantileTransformer

from estimators import KerasMLPRegressor
from estimators.engine.cache import PROGRAMS
from pipelines.search import Candidate, GridSearch, evaluate
from pipelines.search.compiling import compile_candidate

X = pd.DataFrame(np.random.default_rng(0).normal(size=(90, 3)))
y = pd.Series(X[0] * X[1])
SPLITS = [(np.arange(60), np.arange(60, 90)), (np.arange(30, 90), np.arange(30))]


@pytest.fixture(autouse=True)
def _no_programs(monkeypatch):
    monkeypatch.setattr("pipelines.search.compiling.cpu_count", lambda: 2)
    PROGRAMS.clear()
    yield
    PROGRAMS.clear()


def pipeline(**params):
    settings = {"engine": "compiled", "epochs": 2, "random_state": 0, **params}
    scaler = QuantileTransformer(n_quantiles=20, subsample=50)  # draws from numpy's global state
    return make_pipeline(scaler, KerasMLPRegressor((5,), **settings))


def candidate(**params):
    return Candidate(0, {f"kerasmlpregressor__{k}": v for k, v in params.items()}, {}, "one")


@pytest.mark.parametrize(
    "params", [{}, {"early_stopping": True}, {"batch_norm": "before_dense"}], ids=str
)
def test_its_folds_find_their_program(params):
    one = candidate(**params)
    compile_candidate(one, X, y, pipeline=pipeline(), splits=SPLITS)
    assert len(PROGRAMS) == 1
    evaluation = evaluate(one, X, y, pipeline=pipeline(), splits=SPLITS, metrics=["r2"])
    assert evaluation.status == "complete"
    assert len(PROGRAMS) == 1


def test_nothing_is_drawn():
    np.random.seed(0)
    expected = np.random.random()
    np.random.seed(0)
    compile_candidate(candidate(), X, y, pipeline=pipeline(random_state=None), splits=SPLITS)
    assert np.random.random() == expected


@pytest.mark.parametrize("params", [{"activation": "nonsense"}, {"no_such": 1}], ids=str)
def test_a_fault_is_left_to_the_evaluation(params, recwarn):
    compile_candidate(candidate(**params), X, y, pipeline=pipeline(), splits=SPLITS)
    assert len(PROGRAMS) == 0
    assert not recwarn.list


def test_with_a_single_core_nothing_happens(monkeypatch):
    monkeypatch.setattr("pipelines.search.compiling.cpu_count", lambda: 1)
    compile_candidate(candidate(), X, y, pipeline=pipeline(), splits=SPLITS)
    assert len(PROGRAMS) == 0


def test_a_search_has_the_same_scores_with_one_core_and_two(monkeypatch):
    found = []
    for cores in (2, 1):
        monkeypatch.setattr("pipelines.search.compiling.cpu_count", lambda cores=cores: cores)
        PROGRAMS.clear()
        np.random.seed(0)
        search = GridSearch(
            pipeline(), {"activation": ["relu", "elu"], "learning_rate": [0.01, 0.1]}, refit=False
        ).fit(X, y)
        found.append(search.cv_results_["mean_test_r2"])
        assert len(PROGRAMS) == 2
    np.testing.assert_array_equal(*found)
