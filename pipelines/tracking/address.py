"""The addresses of MLflow and of its pages, and what people are told when it cannot be used."""

from __future__ import annotations

import os
import textwrap
from pathlib import Path
from urllib.parse import quote, urlencode

from pipelines.passwords import hide_password

__all__ = ["LOCAL_SERVER", "default_tracking_uri", "describe_error", "runs_address"]

LOCAL_SERVER = "http://127.0.0.1:5000"
"""Where ``make ui`` shows what is in a database."""


def default_tracking_uri() -> str:
    """``MLFLOW_TRACKING_URI``, else the database file ``mlflow.db`` in this folder."""
    return os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{Path('mlflow.db').absolute()}"


def describe_error(error: BaseException) -> str:
    """Say in a few words what went wrong: the innermost cause, where it is network or file."""
    innermost = error
    while cause := innermost.__cause__ or innermost.__context__:
        innermost = cause
    chosen = innermost if isinstance(innermost, OSError) else error
    text = getattr(chosen, "strerror", None) or str(chosen) or type(chosen).__name__
    return hide_password(textwrap.shorten(text.rstrip("."), 300, placeholder=" ..."))


def runs_address(server: str, experiment_id: str, **query: str) -> str:
    """The address, for a browser, of an experiment's runs.

    Parameters
    ----------
    server : str
        Address of a tracking server; for anything else, such as a database, that of
        :data:`LOCAL_SERVER` is taken.
    experiment_id : str
    **query : str
        What is shown of them.

    Examples
    --------
    >>> runs_address("http://tracking:5000/", "3", viewStateShareKey="0123")
    'http://tracking:5000/#/experiments/3/runs?workflowType=machine_learning&viewStateShareKey=0123'
    """
    server = server if server.startswith(("http://", "https://")) else LOCAL_SERVER
    # The UI has pages of its own for generative AI, which have no charts.
    asked = urlencode({"workflowType": "machine_learning", **query}, quote_via=quote)
    return f"{server.rstrip('/')}/#/experiments/{experiment_id}/runs?{asked}"
