"""The last word on a run that ``mlflow run`` began and handed over.

``mlflow run`` means to leave alone what has ended already, but MLflow 3.17 compares the name
of the status with numbers, finds nothing ended, and writes FAILED after Ctrl-C. It does so
when this process is gone, so that another one has to put KILLED back.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time

from mlflow import MlflowClient

__all__ = ["keep_killed", "restore_killed"]

_SECONDS = 20.0


def keep_killed(tracking_uri: str, run_id: str) -> subprocess.Popen[bytes]:
    """Start a process that outlives this one for some seconds and runs `restore_killed`."""
    return subprocess.Popen(
        # As a file, because the packages may not be importable there; -P, because the modules
        # beside it are not meant to be found by their bare names.
        [sys.executable, "-P", __file__, run_id],
        env={**os.environ, "MLFLOW_TRACKING_URI": tracking_uri},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


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


if __name__ == "__main__":
    restore_killed(MlflowClient(), sys.argv[1])
