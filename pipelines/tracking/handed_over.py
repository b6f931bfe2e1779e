"""A run that ``mlflow run`` began and handed over, and the last word on it.

``mlflow run`` means to leave alone what has ended already, but MLflow 3.17 compares the name
of the status with numbers, finds nothing ended, and writes FAILED after Ctrl-C. It does so
when this process is gone, so that another one has to put KILLED back.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlflow import MlflowClient

__all__ = ["restore_killed", "take_handed_over"]

_SECONDS = 20.0


def take_handed_over() -> dict[str, str | None]:
    """Take the ids that ``mlflow run`` hands over out of the environment.

    Processes that are started later must not take them for theirs.

    Returns
    -------
    dict
        ``run_id`` and ``experiment_id``; None where nothing was handed over.
    """
    return {
        "run_id": os.environ.pop("MLFLOW_RUN_ID", None),
        "experiment_id": os.environ.pop("MLFLOW_EXPERIMENT_ID", None),
    }


def restore_killed(client: MlflowClient, run_id: str, seconds: float = _SECONDS) -> None:
    """Wait until the status of a killed run is overwritten, and then write it again.

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
