"""How a run ends, and what a signal to end does to it."""

from __future__ import annotations

import sys
from types import FrameType

__all__ = ["exit_by_signal", "status_after"]


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
