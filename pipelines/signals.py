"""Signals, handled for a while, and Ctrl-C that is not lost.

A bare ``except:`` of a library, such as Keras has, may swallow what Ctrl-C raises.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["interruptible", "raise_if_interrupted", "signal_handled"]

Handler = Callable[[int, FrameType | None], object] | signal.Handlers

_interrupted = threading.Event()


@contextmanager
def signal_handled(number: signal.Signals, handler: Handler) -> Iterator[None]:
    """Handle a signal for a while, where Python allows it: in the main thread."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(number, handler)
    try:
        yield
    finally:
        signal.signal(number, before)


@contextmanager
def interruptible() -> Iterator[None]:
    """Note within that SIGINT has come, besides raising KeyboardInterrupt.

    Where SIGINT is ignored or has a handler already, or outside the main thread, that stays so.
    """
    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    with signal_handled(signal.SIGINT, _note_and_raise):
        try:
            yield
        finally:
            _interrupted.clear()


def _note_and_raise(number: int, frame: FrameType | None) -> None:
    _interrupted.set()
    signal.default_int_handler(number, frame)


def raise_if_interrupted() -> None:
    """Raise KeyboardInterrupt again, if SIGINT has come; for where work can end."""
    if _interrupted.is_set():
        raise KeyboardInterrupt
