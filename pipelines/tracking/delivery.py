"""The delivery of journals to MLflow."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import filelock
import requests
from mlflow.exceptions import MlflowException

from pipelines.errors import InputError
from pipelines.passwords import hide_password
from pipelines.processes import is_gone
from pipelines.tracking.address import default_tracking_uri, describe_error
from pipelines.tracking.connection import connect
from pipelines.tracking.journal import Journal, Record
from pipelines.tracking.runs import SearchRuns

__all__ = ["PATIENCE", "Delivery", "UndeliveredError", "upload_journals"]

PATIENCE = 60.0
"""Seconds without success after which a delivery that nobody waits for is given up."""

_ATTEMPTS_IF_IT_ANSWERS = 5
_LONGEST_WAIT = 5.0  # seconds


class UndeliveredError(Exception):
    """MLflow has been away for too long; the rest of the journal stays on disk."""


class Delivery:
    """Delivers the records of a journal in order, and goes on where an earlier delivery ended.

    While MLflow is away or answers with server errors, a record is tried again and again; one that
    it refuses is noted and left out.

    Parameters
    ----------
    journal : Journal
    runs : SearchRuns
    gives_up : callable
        Given the seconds since the last success, whether to give up; then the methods raise
        `UndeliveredError`.

    Attributes
    ----------
    status : str or None
        Of the parent run, once it has ended.
    """

    def __init__(
        self, journal: Journal, runs: SearchRuns, *, gives_up: Callable[[float], bool]
    ) -> None:
        self.status: str | None = None
        self._journal = journal
        self._runs = runs
        self._gives_up = gives_up
        self._earlier_notes = iter(journal.all_notes())
        self._last_success = time.monotonic()

    def deliver(self) -> None:
        """Deliver what has been recorded by now."""
        self._journal.notes.append()  # those that a full disk did not take
        for record in self._journal.records.read():
            note = next(self._earlier_notes, None)
            if note is None:
                deliver = self._end_search if record["call"] == "end_search" else self._call
                note = deliver(record)
                self._journal.notes.append(note)
            self._runs.follow(record, note)
            if record["call"] == "end_search":
                self.status = record["status"]

    def deliver_epochs(self) -> None:
        """Deliver the epochs of running candidates, or leave them for the next time."""
        for candidate in self._runs.running:
            try:
                self._runs.log_epochs(candidate)
            except Exception as error:
                if _is_temporary(error):
                    return

    def finish(self) -> None:
        """Deliver the rest of a search that is gone; what it left running ends as KILLED."""
        self.deliver()
        if self.status is None:
            self._end_search({"status": "KILLED", "end_time": int(time.time() * 1000)})
            self.status = "KILLED"

    def _end_search(self, end: Record) -> dict[str, Any]:
        """End the parent run, and as KILLED those that are below it and still run."""
        for candidate in self._runs.running:
            self._call({"call": "log_epochs", "candidate": candidate})
            killed = {"status": "KILLED", "end_time": end["end_time"]}
            self._call({"call": "set_terminated", "candidate": candidate, **killed})
        return self._call({**end, "call": "set_terminated", "candidate": None})

    def _call(self, record: Record) -> dict[str, Any]:
        """Make a recorded call; return the note, with the reason where it is refused."""
        wait, attempt, note = 0.1, 1, None
        while note is None:
            try:
                note = self._runs.call(record)
            except Exception as error:
                if not _is_temporary(error) or (
                    attempt >= _ATTEMPTS_IF_IT_ANSWERS and self._answers()
                ):
                    note = {"refused": describe_error(error)}
                elif self._gives_up(time.monotonic() - self._last_success):
                    raise UndeliveredError(describe_error(error)) from error
                else:
                    self._runs.may_exist = True  # only the answer may have been lost
                    time.sleep(wait)
                    wait, attempt = min(2 * wait, _LONGEST_WAIT), attempt + 1
        self._last_success = time.monotonic()
        return note

    def _answers(self) -> bool:
        try:
            self._runs.client.get_run(self._runs.run_ids[None])
        except Exception:
            return False
        return True


def _is_temporary(error: BaseException) -> bool:
    """Whether MLflow may take the same record later."""
    if isinstance(error, MlflowException):
        code = error.get_http_status_code()
        return code == requests.codes.too_many_requests or code >= 500
    return isinstance(error, OSError | requests.RequestException)


def upload_journals(
    folder: Path, tracking_uri: str | None = None
) -> Iterator[tuple[Path, int, list[str]]]:
    """Deliver the journals that searches have left below a folder, and remove them.

    Those of searches that still run are left alone.

    Parameters
    ----------
    folder : Path
    tracking_uri : str, optional
        By default ``MLFLOW_TRACKING_URI``, else the file ``mlflow.db`` in the current folder.

    Yields
    ------
    folder : Path
        Of a journal.
    n_records : int
    refused : list of str
        The reason, for each of its records that MLflow refused.

    Raises
    ------
    InputError
        If MLflow does not answer, goes away, or does not have a journal's parent run.
    """
    for journal in Journal.all_in(folder):
        try:
            with journal.lock(timeout=0):
                notes = _upload(journal, tracking_uri or default_tracking_uri())
        except filelock.Timeout:
            continue
        if notes:
            yield journal.folder, len(notes), [n["refused"] for n in notes if "refused" in n]


def _upload(journal: Journal, address: str) -> list[dict[str, Any]]:
    """Deliver a journal whose search has ended, and remove it; return the notes."""
    records, parent = journal.all_records(), journal.parent_run()
    if journal.may_grow():
        return []
    if parent is None:
        # Removed by its own process meanwhile, or of a search that was killed as it began.
        if not records or is_gone(records[0]["process"]):
            journal.remove()
        return []
    client = connect(address)
    try:
        client.get_run(parent["run_id"])
    except MlflowException as error:
        raise InputError(
            f"The run {parent['run_id']} that {journal.folder} belongs to is not at "
            f"{hide_password(address)}: set MLFLOW_TRACKING_URI to where the search was recorded."
        ) from error
    runs = SearchRuns(client, journal, may_exist=True)
    delivery = Delivery(journal, runs, gives_up=lambda seconds: seconds > PATIENCE)
    try:
        delivery.finish()
    except UndeliveredError as error:
        raise InputError(
            f"MLflow at {hide_password(address)} does not take the rest of {journal.folder} "
            f"({error}): try again later."
        ) from error
    notes = journal.all_notes()
    journal.remove()
    return notes
