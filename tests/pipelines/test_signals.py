"""Ctrl-C, also where a library swallows it."""

from __future__ import annotations

import signal
import threading
from contextlib import suppress

import pytest
from sklearn.datasets import load_iris

from pipelines import GridSearch, load_dataset, make_pipeline
from pipelines.search import SearchObserver
from pipelines.signals import interruptible, raise_if_interrupted


@pytest.fixture
def iris():
    """A small grid search on iris, and what it is fitted on."""
    X, y = load_iris(return_X_y=True, as_frame=True)
    grid = {"hidden_layer_sizes": [(4,)], "epochs": [3]}

    def fit(*observers):
        pipeline = make_pipeline(load_dataset("iris"), preset="plain", random_state=0)
        return GridSearch(pipeline, grid, refit=False, observers=observers).fit(X, y)

    return fit


class Swallowing(SearchObserver):
    """Swallows a Ctrl-C at the beginning of a candidate, as Keras may while it builds."""

    def on_candidate_begin(self, candidate):
        with suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


def test_a_swallowed_ctrl_c_ends_the_search(iris):
    with interruptible(), pytest.raises(KeyboardInterrupt):
        iris(Swallowing())
    iris()  # and it is not heard of again


def test_nothing_is_raised_without_one():
    raise_if_interrupted()
    with interruptible():
        raise_if_interrupted()


def test_the_handler_is_given_back():
    with suppress(KeyboardInterrupt), interruptible():
        signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.parametrize("handler", [signal.SIG_IGN, lambda number, frame: None])
def test_a_handler_of_others_stays(handler):
    signal.signal(signal.SIGINT, handler)
    try:
        with interruptible():
            assert signal.getsignal(signal.SIGINT) is handler
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def test_other_threads_may_use_it():
    def enter():
        with interruptible():
            entered.set()

    entered = threading.Event()
    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    assert entered.is_set()
