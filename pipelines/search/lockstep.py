"""Calls that advance together: one runs at a time, each until it next pauses."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

__all__ = ["SteppedCall"]

Result = TypeVar("Result")


class _Cancelled(BaseException):
    """Unwinds a call that will not go on; no ``except Exception`` on the way holds it up."""


class SteppedCall(Generic[Result]):
    """A call that pauses where it says so, and goes on when it is told to.

    A coroutine for code that cannot be written as one, such as a fit that is paused from within
    a callback. It runs in a thread of its own, but never while its caller does: what it computes,
    warns of and takes in time is as if it were called directly.

    Parameters
    ----------
    call : callable
        Is given a function without arguments that pauses it.

    Attributes
    ----------
    result
        What the call returned, once it has.
    """

    result: Result

    def __init__(self, call: Callable[[Callable[[], None]], Result]):
        self._call = call
        self._may_go_on = threading.Semaphore(0)
        self._has_paused = threading.Semaphore(0)
        self._error: BaseException | None = None
        self._cancelled = False
        self._ended = False
        context = contextvars.copy_context()
        self._thread = threading.Thread(target=context.run, args=(self._run,), daemon=True)

    def advance(self) -> bool:
        """Run until the next pause, or to the end.

        Returns
        -------
        bool
            Whether it has paused; False at the end.

        Raises
        ------
        Exception
            What the call raised.
        """
        if self._thread.ident is None:
            self._thread.start()
        self._may_go_on.release()
        self._has_paused.acquire()
        if self._error is not None:
            raise self._error
        return not self._ended

    def cancel(self) -> None:
        """End the call at its next pause, if it has not ended yet, and wait for that."""
        self._cancelled = True
        if self._thread.ident is not None:
            self._may_go_on.release()
            self._thread.join()

    def _run(self) -> None:
        self._may_go_on.acquire()
        try:
            if not self._cancelled:
                self.result = self._call(self._pause)
        except _Cancelled:
            pass
        except BaseException as error:
            self._error = error
        finally:
            self._ended = True
            self._has_paused.release()

    def _pause(self) -> None:
        self._has_paused.release()
        self._may_go_on.acquire()
        if self._cancelled:
            raise _Cancelled
