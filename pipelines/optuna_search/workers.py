"""Who runs a trial, and whether that worker is still alive."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from pipelines.processes import is_gone, this_process

__all__ = ["Identity", "is_dead", "working"]

Identity = dict[str, Any]
"""Names a worker, as it is written beside the trials that it takes."""

_at_work_here: set[str] = set()


@contextmanager
def working() -> Iterator[Identity]:
    """Be a worker for a while."""
    name = uuid.uuid4().hex
    _at_work_here.add(name)
    try:
        yield {**this_process(), "name": name}
    finally:
        _at_work_here.discard(name)


def is_dead(identity: Mapping[str, Any] | None) -> bool:
    """Whether it is certain that a worker of this machine no longer works.

    Of workers of other machines it is never certain; their heartbeats tell.
    """
    if not identity:
        return False
    gone = is_gone(identity)
    if gone is False and identity["pid"] == os.getpid():
        return identity["name"] not in _at_work_here
    return bool(gone)
