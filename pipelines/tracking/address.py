"""The address of MLflow, and what people are told when it cannot be used."""

from __future__ import annotations

import os
import textwrap
from pathlib import Path

from pipelines.passwords import hide_password

__all__ = ["LOCAL_SERVER", "default_tracking_uri", "describe_error"]

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
