"""Addresses of stores, for people's eyes."""

from __future__ import annotations

import re

__all__ = ["hide_password"]


def hide_password(text: str) -> str:
    """Take user names and passwords out of the addresses in a text.

    Examples
    --------
    >>> hide_password("postgresql://ann:secret@host/mlflow")
    'postgresql://***@host/mlflow'
    >>> hide_password("sqlite:///study.db")
    'sqlite:///study.db'
    """
    return re.sub(r"://[^/@\s]*@", "://***@", text)
