"""The address of the tracking store, and what people are told of it."""

from __future__ import annotations

import os
import re
import textwrap
from pathlib import Path

__all__ = ["default_tracking_uri", "hide_password", "reason_of"]


def default_tracking_uri() -> str:
    """``MLFLOW_TRACKING_URI``, else the database file ``mlflow.db`` in this folder."""
    return os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{Path('mlflow.db').absolute()}"


def hide_password(text: str) -> str:
    """Take user names and passwords out of the addresses in a text.

    Examples
    --------
    >>> hide_password("postgresql://ann:secret@host/mlflow")
    'postgresql://***@host/mlflow'
    """
    return re.sub(r"://[^/@\s]*@", "://***@", text)


def reason_of(error: BaseException) -> str:
    """Say in a few words what went wrong: the innermost cause, where it is network or file."""
    innermost = error
    while cause := innermost.__cause__ or innermost.__context__:
        innermost = cause
    chosen = innermost if isinstance(innermost, OSError) else error
    text = getattr(chosen, "strerror", None) or str(chosen) or type(chosen).__name__
    return hide_password(textwrap.shorten(text.rstrip("."), 300, placeholder=" ..."))
