"""The worker of a trial, and whether it is still alive."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from pipelines.processes import is_gone, this_process

__all__ = ["Identity", "is_dead", "working"]

Identity = dict[str, Any]
"""Names a worker, as a user attribute of the trials that it takes."""

_at_work_here: set[str] = set()


@contextmanager
def working() -> Iterator[Identity]:
    """Register a worker of this process, which is alive until the context is left."""
    name = uuid.uuid4().hex
    _at_work_here.add(name)
    try:
        yield {**this_process(), "name": name}
    finally:
        _at_work_here.discard(name)


def is_dead(identity: Mapping[str, Any] | None) -> bool:
    """Whether a worker of this machine has certainly ended.

    Of workers of other machines it is never certain; for them there are heartbeats.
    """
    if not identity:
        return False
    gone = is_gone(identity)
    if gone is False and identity["pid"] == os.getpid():
        return identity["name"] not in _at_work_here
    return bool(gone)
