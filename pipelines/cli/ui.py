"""The command ``ui``, and how to say that it shows a run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import click

__all__ = ["how_to_look", "ui"]

_SERVERS = ("http://", "https://")


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), default=5000, show_default=True)
def ui(port: int) -> None:
    """Show what was recorded in a browser."""
    from pipelines.passwords import hide_password
    from pipelines.tracking.address import default_tracking_uri

    address = default_tracking_uri()
    if address.startswith(_SERVERS):
        click.echo(f"The records are at {hide_password(address)}, which shows them itself.")
        return
    click.echo(f"Open http://127.0.0.1:{port} (Ctrl-C ends it)")
    server = ["server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    # By the environment: an address with a password would be in the list of processes.
    variables = {"MLFLOW_BACKEND_STORE_URI": address, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    path = os.pathsep.join([os.path.dirname(sys.executable), os.environ.get("PATH", "")])
    done = subprocess.run(
        [sys.executable, "-m", "mlflow", *server],
        env={**os.environ, **variables, "PATH": path},
        check=False,
    )
    sys.exit(done.returncode)


def how_to_look(address: str) -> str:
    """Say what shows a record, where it is now.

    Parameters
    ----------
    address : str
        Of the store, for people's eyes.

    Examples
    --------
    >>> how_to_look("http://tracking:5000")
    'To look at it: http://tracking:5000'
    """
    if address.startswith(_SERVERS):
        return f"To look at it: {address}"
    if "MAKELEVEL" in os.environ:  # make has put our programs on the path, for itself
        return "To look at it: make ui"
    command = "mlp" if shutil.which("mlp") else f"{sys.executable} -m pipelines"
    return f"To look at it: {command} ui"
