"""Processes that need not import what takes seconds, and a collector that need not look at it."""

from __future__ import annotations

import gc
import signal
from collections.abc import Iterator

import pytest
from forked_process import Forks


def pytest_configure() -> None:
    """Heed Ctrl-C, also where a shell has started the tests in the background, which ignores it.

    What the tests start would ignore it as well.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection() -> None:
    """Look for no garbage while libraries are imported and tests collected, all of which stays."""
    gc.disable()


def pytest_collection_finish() -> None:
    """Look for it among what the tests make, and not each time among a million other objects."""
    gc.enable()
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def forks() -> Iterator[Forks]:
    """Starts processes that need not import TensorFlow, Keras, MLflow and Optuna."""
    starter = Forks()
    yield starter
    starter.close()
