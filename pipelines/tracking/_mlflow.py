"""All that this project uses of MLflow although it is private, undocumented or a bug.

``tests/pipelines/tracking/test__mlflow.py`` says of each what breaks when MLflow changes it.
"""

from __future__ import annotations

import logging
import re
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from mlflow import MlflowClient
from mlflow.entities import Run
from mlflow.tracking.context.registry import resolve_tags

from pipelines.tracking.environment import environment_variables

__all__ = [
    "MODEL_TRAINING_TAG",
    "has_generated_name",
    "quiet",
    "resolve_run_tags",
    "restore_killed",
]

# So that the UI opens an experiment as model training, not as generative AI.
MODEL_TRAINING_TAG = ("mlflow.experimentKind", "custom_model_development")

_GENERATED_NAME = re.compile(r"[a-z]+-[a-z]+-\d+")
_INFORMATIVE_LOGGERS = ("alembic", "mlflow")
_SECONDS_TO_OVERWRITE = 20.0


def resolve_run_tags() -> dict[str, str]:
    """Resolve the tags that MLflow's ``start_run`` gives a run: user, source and its commit.

    ``MlflowClient.create_run`` gives none.
    """
    return resolve_tags()


def has_generated_name(run: Run) -> bool:
    """Whether the name of a run looks like one that MLflow generated."""
    return _GENERATED_NAME.fullmatch(run.info.run_name) is not None


def restore_killed(
    client: MlflowClient, run_id: str, seconds: float = _SECONDS_TO_OVERWRITE
) -> None:
    """Wait until ``mlflow run`` has overwritten the status of a killed run, and restore it.

    ``mlflow run`` means to leave alone what has ended already, but MLflow 3.17 compares the name
    of the status with numbers, finds nothing ended, and writes FAILED after Ctrl-C. It does so
    when the search's process is gone, so that another one has to restore KILLED.

    Parameters
    ----------
    client : mlflow.MlflowClient
    run_id : str
    seconds : float
        How long to wait; a run that is still KILLED then is left alone.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        run = client.get_run(run_id).info
        if run.status != "KILLED":
            client.set_terminated(run_id, "KILLED", end_time=run.end_time)
            return
        time.sleep(0.1)


@contextmanager
def quiet() -> Iterator[None]:
    """Let through MLflow's errors and warnings that concern the user, nothing below.

    What is held back: the log of creating a database's tables, progress bars of copying a
    few files, and hints on how to write the code that calls MLflow.
    """
    loggers = [logging.getLogger(name) for name in _INFORMATIVE_LOGGERS]
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
