"""A small table, and pipelines and spaces whose trials take no time."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pipelines import Dataset, OptunaSearch, make_pipeline
from pipelines.search import SearchObserver

SPACE = """
activation: [relu, elu, tanh]
learning_rate: {low: 1e-4, high: 0.3, log: true}
optimizer: [sgd, adam]
dropout: {low: 0.0, high: 0.4}
blocks:
  - {when: {optimizer: sgd}, momentum: {low: 0.0, high: 0.9}}
"""


@pytest.fixture(scope="session")
def data():
    """Sixty rows of two classes."""
    values = np.random.default_rng(0).normal(loc=5, scale=3, size=(60, 3))
    X = pd.DataFrame(values, columns=["length", "width", "height"])
    y = (X["length"] - 2 * X["width"]).map(lambda x: "big" if x > -5 else "small")
    return Dataset("boxes", X, y.rename("size"), "classification", "table", "made up")


@pytest.fixture(scope="session")
def make_search(data):
    """A function that makes a search of quick trials."""

    def make(space=SPACE, *, epochs=4, **how):
        small = {"hidden_layer_sizes": (4,), "batch_size": 16, "random_state": 0}
        pipeline = make_pipeline(data, preset="plain", epochs=epochs, **small)
        return OptunaSearch(pipeline, space, **{"n_trials": 6, "refit": False, **how})

    return make


@pytest.fixture
def trials_of():
    """A function that tells the trials of a search without what the clock said."""
    return lambda search: [
        (
            trial.number,
            trial.state.name,
            trial.params,
            trial.values,
            trial.intermediate_values,
        )
        for trial in search.study_.get_trials(deepcopy=False)
    ]


@pytest.fixture
def outcomes_of():
    """A function that tells the evaluations of a search without what the clock said."""
    return lambda search: [
        (
            one.candidate,
            one.status,
            one.reason,
            one.curves,
            [(fold.train_scores, fold.validation_scores) for fold in one.folds],
        )
        for one in search.evaluations_
    ]


class Recorder(SearchObserver):
    """Writes down what it is told, and fails when it is told so."""

    def __init__(self, fail_at=(), error=KeyboardInterrupt):
        self.told = []
        self.fail_at = fail_at
        self.error = error

    def _note(self, *what):
        self.told.append(what)
        if what == self.fail_at:
            raise self.error

    def on_search_begin(self, n_candidates, n_splits):
        self._note("search begins", n_candidates, n_splits)

    def on_candidate_begin(self, candidate):
        self._note("begins", candidate.number)

    def on_candidate_end(self, evaluation):
        self._note("ends", evaluation.candidate.number)

    def on_candidate_resumed(self, evaluation):
        self._note("resumed", evaluation.candidate.number)

    def on_search_end(self):
        self._note("search ends")


@pytest.fixture
def recorder():
    """The class of an observer that writes down what it is told."""
    return Recorder
