"""A queue between the search and the tracking store, so that neither waits for the other."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

__all__ = ["BackgroundWriter"]

Record = TypeVar("Record")


class BackgroundWriter(Generic[Record]):
    """Applies records one after the other, in the order they came, in a thread of its own.

    A record that cannot be applied is counted and left out; the ones after it are tried
    all the same.

    Parameters
    ----------
    apply : callable
        Takes a record and writes it. Called in the writer's thread only.

    Attributes
    ----------
    n_submitted, n_done, n_failed : int
        Records handed in; handled, well or not; and failed among these.
    first_error : Exception or None
        What the first failed record raised.
    """

    def __init__(self, apply: Callable[[Record], None]) -> None:
        self._apply = apply
        self._records: queue.SimpleQueue[Record | None] = queue.SimpleQueue()
        self._progress = threading.Condition()
        self.n_submitted = 0
        self.n_done = 0
        self.n_failed = 0
        self.first_error: Exception | None = None
        # A daemon, so that a store that never answers cannot keep the process alive.
        self._thread = threading.Thread(target=self._run, name="mlflow-writer", daemon=True)
        self._thread.start()

    def submit(self, record: Record) -> None:
        """Hand in a record; returns at once."""
        with self._progress:
            self.n_submitted += 1
            self._records.put(record)

    def drain(self, patience: float) -> bool:
        """Wait until all records are handled.

        Parameters
        ----------
        patience : float
            Seconds to wait for the next record to be handled before giving up.

        Returns
        -------
        bool
            Whether nothing is left.
        """
        with self._progress:
            while self.n_done < self.n_submitted:
                done = self.n_done
                # Each record that is handled starts the patience anew.
                if not self._progress.wait(patience) and self.n_done == done:
                    return False
            return True

    def close(self, patience: float) -> bool:
        """Wait as `drain` does, and end the thread once all that was handed in is handled."""
        drained = self.drain(patience)
        self._records.put(None)
        return drained

    def _run(self) -> None:
        while (record := self._records.get()) is not None:
            error = None
            try:
                self._apply(record)
            except Exception as raised:
                error = raised
            with self._progress:
                self.n_done += 1
                if error is not None:
                    self.n_failed += 1
                    self.first_error = self.first_error or error
                self._progress.notify_all()
