"""The command ``ui``, and how to say that it shows a run."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys

import click

from pipelines.errors import InputError

__all__ = ["how_to_look", "ui"]

_SERVERS = ("http://", "https://")


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), default=5000, show_default=True)
def ui(port: int) -> None:
    """Show what was recorded in a browser."""
    from pipelines.passwords import hide_password
    from pipelines.tracking.address import LOCAL_SERVER, default_tracking_uri
    from pipelines.tracking.searches import newest_view

    address = default_tracking_uri()
    if address.startswith(_SERVERS):
        click.echo(f"The records are at {hide_password(address)}, which shows them itself.")
        if view := newest_view(address):
            click.echo(f"The newest search: {hide_password(view)}")
        return
    own = f"http://127.0.0.1:{port}"
    if _is_taken(port):
        raise InputError(
            f"Something else answers at {own} already, an earlier ui perhaps: end it, or give "
            "another port, as in --port 5050."
        )
    click.echo(f"Open {own} (Ctrl-C ends it)")
    if view := newest_view(address):
        click.echo(f"The newest search: {view.replace(LOCAL_SERVER, own)}")
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


def _is_taken(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def how_to_look(address: str, view: str | None = None) -> str:
    """Say what shows a record, where it is now.

    Parameters
    ----------
    address : str
        Of the store, for people's eyes.
    view : str, optional
        The address for a browser that shows it, once a server runs.

    Examples
    --------
    >>> how_to_look("http://tracking:5000")
    'To look at it: http://tracking:5000'
    """
    if address.startswith(_SERVERS):
        return f"To look at it: {view or address}"
    if "MAKELEVEL" in os.environ:  # make has put our programs on the path, for itself
        command = "make ui"
    else:
        program = "mlp" if shutil.which("mlp") else f"{sys.executable} -m pipelines"
        command = f"{program} ui"
    return f"To look at it: {command}" + (f", and in a browser\n{view}" if view else "")
