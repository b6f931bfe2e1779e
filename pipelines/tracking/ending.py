"""How a run ends, and what a signal to end does to it."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["exit_by_signal", "sigterm_handled", "status_after"]

Handler = Callable[[int, FrameType | None], object] | signal.Handlers


def status_after(error: BaseException | None) -> str:
    """MLflow's status of a run that an exception ended, or None.

    Exit codes above 128 are those of a process that a signal ended.

    Examples
    --------
    >>> status_after(None), status_after(ValueError()), status_after(KeyboardInterrupt())
    ('FINISHED', 'FAILED', 'KILLED')
    >>> status_after(SystemExit(0)), status_after(SystemExit(2)), status_after(SystemExit(143))
    ('FINISHED', 'FAILED', 'KILLED')
    """
    if error is None:
        return "FINISHED"
    if isinstance(error, KeyboardInterrupt):
        return "KILLED"
    if isinstance(error, SystemExit):
        if not error.code:
            return "FINISHED"
        return "KILLED" if isinstance(error.code, int) and error.code > 128 else "FAILED"
    return "FAILED"


def exit_by_signal(number: int, frame: FrameType | None) -> None:
    """Unwind the stack upon a signal, instead of ending the process at once."""
    sys.exit(128 + number)


@contextmanager
def sigterm_handled(handler: Handler) -> Iterator[None]:
    """Handle SIGTERM for a while, where Python allows it: in the main thread."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
