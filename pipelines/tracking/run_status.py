"""MLflow's status of a run that ends, and the signal that ends one."""

from __future__ import annotations

import sys
from types import FrameType

__all__ = ["exit_on_signal", "run_status"]


def run_status(error: BaseException | None) -> str:
    """MLflow's status of a run that ends with an exception, or without one (None).

    Exit codes above 128 are those of a process that a signal ended.

    Examples
    --------
    >>> run_status(None), run_status(ValueError()), run_status(KeyboardInterrupt())
    ('FINISHED', 'FAILED', 'KILLED')
    >>> run_status(SystemExit(0)), run_status(SystemExit(2)), run_status(SystemExit(143))
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


def exit_on_signal(number: int, frame: FrameType | None) -> None:
    """Raise SystemExit upon a signal, so that what is open is closed."""
    sys.exit(128 + number)
