"""Processes that need not import what takes seconds, and a collector that need not look at it."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
from forked_process import Forks


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
