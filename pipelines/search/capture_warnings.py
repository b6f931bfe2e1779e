"""Warnings of one evaluation, also where several run in the threads of a process."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from typing import Any

__all__ = ["capture_warnings"]

_messages: ContextVar[list[str] | None] = ContextVar("messages", default=None)
_lock = threading.Lock()
_capturing = ExitStack()
_n_captures = 0


@contextmanager
def capture_warnings() -> Iterator[list[str]]:
    """Collect the messages of warnings, instead of showing them.

    As ``warnings.catch_warnings(record=True)``, but several threads may be within at once, each
    with messages of its own: Optuna's trials, and joblib's threads. ``catch_warnings`` exchanges
    the filters of the whole process, up to Python 3.13.

    Yields
    ------
    list of str
        Grows with each warning.
    """
    global _n_captures
    messages: list[str] = []
    with _lock:
        _n_captures += 1
        if _n_captures == 1:
            _capturing.enter_context(warnings.catch_warnings())
            warnings.simplefilter("always")
            warnings.showwarning = _capturing_instead_of(warnings.showwarning)
    token = _messages.set(messages)
    try:
        yield messages
    finally:
        _messages.reset(token)
        with _lock:
            _n_captures -= 1
            if not _n_captures:
                _capturing.close()


def _capturing_instead_of(show: Any) -> Any:
    def capture(message: Warning | str, *where: Any, **how: Any) -> None:
        messages = _messages.get()
        if messages is None:
            show(message, *where, **how)
        else:
            messages.append(str(message))

    return capture
