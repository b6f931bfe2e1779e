"""Ctrl-C that is not lost: a bare ``except:`` of a library may swallow what it raises."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["interruptible", "raise_if_interrupted"]

_interrupted = threading.Event()


@contextmanager
def interruptible() -> Iterator[None]:
    """Note within that SIGINT has come, besides raising KeyboardInterrupt.

    Where SIGINT is ignored or has a handler already, or outside the main thread, that stays so.
    """
    if (
        threading.current_thread() is not threading.main_thread()
        or signal.getsignal(signal.SIGINT) is not signal.default_int_handler
    ):
        yield
        return

    def handle(number: int, frame: FrameType | None) -> None:
        _interrupted.set()
        signal.default_int_handler(number, frame)

    signal.signal(signal.SIGINT, handle)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        _interrupted.clear()


def raise_if_interrupted() -> None:
    """Raise KeyboardInterrupt again, if SIGINT has come; for where work can end."""
    if _interrupted.is_set():
        raise KeyboardInterrupt
