"""The delivery of a journal's records to the tracking store."""

from __future__ import annotations

import time
from collections.abc import Callable

import requests
import tenacity
from mlflow.exceptions import MlflowException

from pipelines.tracking.address import reason_of
from pipelines.tracking.journal import Delivered, Journal
from pipelines.tracking.records import Record, RunEnded, RunStarted
from pipelines.tracking.store import RunStore

__all__ = ["Delivery", "UndeliveredError"]

_TRIES_OF_A_HEALTHY_STORE = 5
_LONGEST_WAIT = 5.0  # seconds
_TOO_MANY_REQUESTS, _SERVER_ERROR = 429, 500


class UndeliveredError(Exception):
    """The store has been away for too long; the rest of the journal stays on disk."""


class Delivery:
    """Applies the records of a journal to a store, in order, each until it is there.

    A store that is away or in trouble is tried again and again; a record that it refuses is
    noted and left out.

    Parameters
    ----------
    journal : Journal
    store : RunStore
    report : callable
        Given the state after each record.
    is_over : callable
        Given the seconds without success; whether to give up.

    Attributes
    ----------
    state : Delivered
    running : set of int
        Candidates whose runs have begun and not ended, by what was delivered.
    status : str or None
        Of the parent run, once it has ended.
    """

    def __init__(
        self,
        journal: Journal,
        store: RunStore,
        *,
        report: Callable[[Delivered], None] = lambda state: None,
        is_over: Callable[[float], bool] = lambda seconds: False,
    ) -> None:
        self._journal = journal
        self._store = store
        self._report = report
        self._is_over = is_over
        self.state = journal.delivered()
        self._to_skip = self.state.n_records
        self._last_success = time.monotonic()
        self.running: set[int] = set()
        self.status: str | None = None

    def deliver(self) -> None:
        """Deliver everything that is in the journal by now.

        Raises
        ------
        UndeliveredError
            If it was over before.
        """
        for record in self._journal.unread():
            self._follow(record)
            if self._to_skip:
                self._to_skip -= 1
                continue
            refused = self._apply(record)
            self._last_success = time.monotonic()
            begun: dict[int, str] = {}
            if isinstance(record, RunStarted) and record.candidate in self._store.run_ids:
                begun = {record.candidate: self._store.run_ids[record.candidate]}
            self._journal.note_delivered(begun, refused)
            self.state.n_records += 1
            self.state.refused += [refused] if refused is not None else []
            self._report(self.state)

    def deliver_to_the_end(self) -> None:
        """Deliver the rest of a search that is gone, and end what it left running as KILLED."""
        self.deliver()
        if self.status is None:  # it was killed before it could say so
            for number in [*sorted(self.running), None]:
                self._journal.append(RunEnded(number, "KILLED", time.time()))
            self.deliver()

    def _follow(self, record: Record) -> None:
        """Note which runs are under way, and how the search has ended."""
        match record:
            case RunStarted(number):
                self.running.add(number)
            case RunEnded(None, status):
                self.status = status
            case RunEnded(number):
                self.running.discard(number)

    def _apply(self, record: Record) -> str | None:
        """Write a record; return why not, where the store refuses it."""
        try:
            for attempt in tenacity.Retrying(
                retry=self._is_worth_another_try,
                wait=tenacity.wait_exponential(multiplier=0.1, max=_LONGEST_WAIT),
                reraise=True,
            ):
                with attempt:
                    self._store.apply(record)
        except UndeliveredError:
            raise
        except Exception as error:
            return reason_of(error)
        return None

    def _is_worth_another_try(self, state: tenacity.RetryCallState) -> bool:
        error = state.outcome.exception() if state.outcome else None
        if error is None or not _is_passing(error):
            return False
        self._store.doubtful = True
        if state.attempt_number >= _TRIES_OF_A_HEALTHY_STORE and self._store.answers():
            return False
        if self._is_over(time.monotonic() - self._last_success):
            raise UndeliveredError(reason_of(error)) from error
        return True


def _is_passing(error: BaseException) -> bool:
    """Whether the store may take the same record later."""
    if isinstance(error, MlflowException):
        code = error.get_http_status_code()
        return code == _TOO_MANY_REQUESTS or code >= _SERVER_ERROR
    return isinstance(error, OSError | requests.RequestException)
