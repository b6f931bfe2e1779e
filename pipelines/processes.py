"""Which process does something, and whether it is still there."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from typing import Any

import psutil

__all__ = ["is_gone", "this_process"]

_SECONDS = 1.0  # numbers of processes are given out again, but not within a second


def this_process() -> dict[str, Any]:
    """Name this process, among those of all machines and times, in a way that JSON can say."""
    process = psutil.Process()
    return {"host": platform.node(), "pid": process.pid, "started": process.create_time()}


def is_gone(process: Mapping[str, Any]) -> bool | None:
    """Whether a process has ended; None of one on another machine, where it is not known.

    Parameters
    ----------
    process : mapping of str to object
        As :func:`this_process` names it.

    Examples
    --------
    >>> is_gone(this_process())
    False
    >>> is_gone({**this_process(), "started": 0.0})
    True
    >>> is_gone({**this_process(), "host": "elsewhere"})
    """
    if process["host"] != platform.node():
        return None
    try:
        started = psutil.Process(process["pid"]).create_time()
    except psutil.NoSuchProcess:
        return True
    return abs(started - process["started"]) > _SECONDS
