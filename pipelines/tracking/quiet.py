"""Keeping MLflow's own messages off the user's terminal."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from pipelines.tracking.environment import environment_variables

__all__ = ["quiet"]

_CHATTY_LOGGERS = ("alembic", "mlflow")


@contextmanager
def quiet() -> Iterator[None]:
    """Let through MLflow's errors and warnings that concern the user, nothing below.

    What is held back: the log of creating a database's tables, progress bars of copying a
    few files, and hints on how to write the code that calls MLflow.
    """
    loggers = [logging.getLogger(name) for name in _CHATTY_LOGGERS]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.WARNING)
    try:
        with (
            environment_variables(MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR="false"),
            warnings.catch_warnings(),
        ):
            # Where it matters, in a model's signature, whole numbers may be missing.
            warnings.filterwarnings("ignore", message="Hint: Inferred schema contains integer")
            warnings.filterwarnings("ignore", message="The specified dataset source can be")
            warnings.filterwarnings("ignore", module=r"mlflow\.", category=DeprecationWarning)
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
