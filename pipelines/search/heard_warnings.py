"""Warnings, kept apart by who caused them while several evaluations run in threads."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from typing import Any

__all__ = ["heard_warnings"]

_heard: ContextVar[list[str] | None] = ContextVar("heard", default=None)
_lock = threading.Lock()
_listening = ExitStack()
_n_listeners = 0


@contextmanager
def heard_warnings() -> Iterator[list[str]]:
    """Collect what is warned of within, instead of showing it.

    As ``warnings.catch_warnings(record=True)``, which exchanges the filters of the whole process
    and so may not be entered by several threads at once. Threads that inherit the context, as
    those of :class:`~pipelines.search.lockstep.SteppedCall` do, are heard with it.

    Yields
    ------
    list of str
        Grows with each warning.
    """
    messages: list[str] = []
    token = _heard.set(messages)
    _begin()
    try:
        yield messages
    finally:
        _end()
        _heard.reset(token)


def _begin() -> None:
    global _n_listeners
    with _lock:
        _n_listeners += 1
        if _n_listeners == 1:
            _listening.enter_context(warnings.catch_warnings())
            warnings.simplefilter("always")
            warnings.showwarning = _hearing(warnings.showwarning)


def _end() -> None:
    global _n_listeners
    with _lock:
        _n_listeners -= 1
        if not _n_listeners:
            _listening.close()


def _hearing(show: Any) -> Any:
    def hear(message: Warning | str, *where: Any, **how: Any) -> None:
        messages = _heard.get()
        if messages is None:
            show(message, *where, **how)
        else:
            messages.append(str(message))

    return hear
