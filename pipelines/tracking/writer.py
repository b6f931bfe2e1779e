"""The process that writes a search's journal to the tracking store.

``python -m pipelines.tracking.writer`` is started by the searching process, and outlives it: what
a search had said before it was killed is written, and its runs end as KILLED. They talk in lines
of JSON: on standard input a request to open a parent run, then an empty line whenever the journal
has grown; on standard output the answers, then the progress.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from pathlib import Path
from typing import IO, Any

import filelock
from mlflow import MlflowClient

from pipelines.errors import InputError
from pipelines.tracking.connection import connect, open_parent_run
from pipelines.tracking.delivery import Delivery, UndeliveredError
from pipelines.tracking.handed_over import restore_killed
from pipelines.tracking.journal import Delivered, Journal
from pipelines.tracking.store import RunStore, reopened_store
from pipelines.tracking.tags import PROCESS_TAG

__all__ = ["main"]

_SECONDS_BETWEEN_HEARTBEATS = 20.0
_PATIENCE_WITHOUT_A_SEARCH = 60.0


class _Inbox(threading.Thread):
    """Listens to the search: its requests, its nudges, and its end."""

    def __init__(self, stream: IO[str]) -> None:
        super().__init__(daemon=True)
        self._stream = stream
        self._nudged = threading.Event()
        self.closed = threading.Event()
        self.request = json.loads(stream.readline() or "null")
        self.start()

    def run(self) -> None:
        for _ in self._stream:
            self._nudged.set()
        self.closed.set()
        self._nudged.set()

    def wait(self, seconds: float) -> bool:
        """Wait for a nudge or the end; whether there was one."""
        nudged = self._nudged.wait(seconds)
        self._nudged.clear()
        return nudged


class _Outbox:
    """Answers to the search, for as long as it listens."""

    def __init__(self) -> None:
        self._stream = sys.stdout
        sys.stdout = sys.stderr  # MLflow prints a line for every run that ends on a server

    def say(self, **answer: Any) -> None:
        try:
            print(json.dumps(answer), file=self._stream, flush=True)
        except BrokenPipeError:
            return


def main() -> None:
    """Open a parent run, write its journal as it grows, and end what is left running."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # meant for the search
    outbox = _Outbox()
    try:
        client = connect(os.environ["MLFLOW_TRACKING_URI"])
    except InputError as error:
        return outbox.say(error=str(error))
    outbox.say(connected=True)
    inbox = _Inbox(sys.stdin)
    if inbox.request is None:  # the search was not begun after all
        return None
    journal = Journal(Path(inbox.request["journal"]))
    journal.folder.mkdir(parents=True, exist_ok=True)
    with filelock.FileLock(journal.lock_path):
        try:
            store = _open(client, journal, inbox.request)
        except InputError as error:
            if not journal.parent:
                journal.remove()
            return outbox.say(error=str(error))
        parent = journal.parent
        outbox.say(run_id=parent["run_id"], experiment_id=parent["experiment_id"])
        status = _write(journal, store, inbox, outbox)
        if status is not None:
            journal.remove()
    if status == "KILLED" and parent["handed_over"]:
        restore_killed(client, parent["run_id"])
    return None


def _open(client: MlflowClient, journal: Journal, request: dict[str, Any]) -> RunStore:
    """Begin the parent run, or take up where an earlier writer ended."""
    if journal.parent:
        return reopened_store(client, journal)
    sys.argv[0] = request["source"]  # what MLflow names as the run's source
    given = {name: request[name] for name in ("experiment", "run_name", "run_id", "experiment_id")}
    parent = open_parent_run(client, **given)
    journal.parent = {
        "run_id": parent.info.run_id,
        "experiment_id": parent.info.experiment_id,
        "handed_over": request["run_id"] is not None,
    }
    client.set_tag(parent.info.run_id, PROCESS_TAG, json.dumps(request["process"]))
    return RunStore(client, parent)


def _write(journal: Journal, store: RunStore, inbox: _Inbox, outbox: _Outbox) -> str | None:
    """Deliver until the search ends; return the parent's status, None if something is left."""

    def is_over(seconds: float) -> bool:
        return inbox.closed.is_set() and seconds > _PATIENCE_WITHOUT_A_SEARCH

    def report(state: Delivered) -> None:
        outbox.say(n_records=state.n_records, refused=state.refused)

    delivery = Delivery(journal, store, report=report, is_over=is_over)
    try:
        while not inbox.closed.is_set():
            delivery.deliver()
            if not inbox.wait(_SECONDS_BETWEEN_HEARTBEATS) and store.answers():
                store.beat()
        delivery.deliver_to_the_end()
    except UndeliveredError:
        return None
    return delivery.status


if __name__ == "__main__":
    main()
    # Everything is written and closed, and the search waits: the interpreter's own ending, which
    # takes MLflow apart, would take most of a second.
    os._exit(0)
