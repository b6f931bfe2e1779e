"""The journal of a running search, as it is written to MLflow."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from mlflow import MlflowClient

from pipelines.errors import InputError
from pipelines.tracking._mlflow import restore_killed
from pipelines.tracking.connection import connect, open_parent_run
from pipelines.tracking.delivery import PATIENCE, Delivery, UndeliveredError
from pipelines.tracking.journal import Journal
from pipelines.tracking.new_database import NewTables, database_file
from pipelines.tracking.runs import SearchRuns
from pipelines.tracking.tags import HEARTBEAT_TAG, ORIGIN_TAGS, PROCESS_TAG

__all__ = ["record"]

_SECONDS_BETWEEN_FIRST_LOOKS = 0.02
_SECONDS_BETWEEN_LOOKS = 0.1
_SECONDS_BETWEEN_EPOCHS = 2.0
_SECONDS_BETWEEN_HEARTBEATS = 20.0


def record(journal: Journal, search: threading.Thread) -> None:
    """Open the parent run, deliver the journal as it grows, and end what is left running.

    Parameters
    ----------
    journal : Journal
    search : threading.Thread
        Alive for as long as the search.
    """
    tables = NewTables()
    try:
        records = journal.all_records() or _wait_for_records(journal, search, tables)
        if records:
            _write(journal, records, search, tables)
    finally:
        tables.remove()


def _wait_for_records(
    journal: Journal, search: threading.Thread, tables: NewTables
) -> list[dict[str, Any]]:
    """Wait until a run is asked for, and do before what takes time and leaves no trace.

    There are no records where the search has ended meanwhile.
    """
    address = os.environ["MLFLOW_TRACKING_URI"]
    search.join(_SECONDS_BETWEEN_FIRST_LOOKS)  # its input may have been wrong
    if search.is_alive() and (file := database_file(address)):  # a server needs no such time
        with suppress(Exception):  # to be said when a run is asked for
            if file.exists():
                connect(address)
            else:
                tables.make()
    while not (records := journal.all_records()) and search.is_alive():
        search.join(_SECONDS_BETWEEN_FIRST_LOOKS)
    return records


def _write(
    journal: Journal, records: list[dict[str, Any]], search: threading.Thread, tables: NewTables
) -> None:
    """Write a search to MLflow, of which there are records."""
    with journal.lock():
        may_exist = journal.parent_run() is not None
        try:
            client = _connect(search, tables, waits=may_exist)
            if not may_exist:
                if not search.is_alive():  # it was stopped before it had begun
                    return journal.remove()
                journal.notes.append(_open(client, records[0]))
        except InputError as error:
            if not may_exist:
                journal.notes.append({"error": str(error)})
            return None
        runs = SearchRuns(client, journal, may_exist=may_exist)
        delivery = Delivery(
            journal, runs, gives_up=lambda seconds: not search.is_alive() and seconds > PATIENCE
        )
        try:
            _deliver(delivery, runs, search)
        except UndeliveredError:
            return None
        journal.remove()
    if delivery.status == "KILLED" and records[0]["run_id"] is not None:
        restore_killed(client, records[0]["run_id"])
    return None


def _connect(search: threading.Thread, tables: NewTables, *, waits: bool) -> MlflowClient:
    """Connect to MLflow; where a search is under way, wait until it answers."""
    while True:
        try:
            return connect(os.environ["MLFLOW_TRACKING_URI"], tables)
        except InputError:
            if not (waits and search.is_alive()):
                raise
        search.join(1.0)


def _open(client: MlflowClient, request: Mapping[str, Any]) -> dict[str, Any]:
    """Open the parent run; return what is to be noted of it."""
    sys.argv[0] = request["source"]  # what MLflow names as the run's source
    given = {name: request[name] for name in ("experiment", "run_name", "run_id", "experiment_id")}
    tags = {PROCESS_TAG: json.dumps(request["process"])}
    parent = open_parent_run(client, **given, tags=tags)
    return {
        "run_id": parent.info.run_id,
        "experiment_id": parent.info.experiment_id,
        "origin": {name: tag for name, tag in parent.data.tags.items() if name in ORIGIN_TAGS},
    }


def _deliver(delivery: Delivery, runs: SearchRuns, search: threading.Thread) -> None:
    """Deliver until the search is gone, and then the rest."""
    last_epochs = last_heartbeat = time.monotonic()
    while search.is_alive():
        delivery.deliver()
        if time.monotonic() - last_epochs > _SECONDS_BETWEEN_EPOCHS:
            delivery.deliver_epochs()
            last_epochs = time.monotonic()
        if time.monotonic() - last_heartbeat > _SECONDS_BETWEEN_HEARTBEATS:
            with suppress(Exception):
                runs.client.set_tag(runs.run_ids[None], HEARTBEAT_TAG, f"{time.time():.0f}")
            last_heartbeat = time.monotonic()
        search.join(_SECONDS_BETWEEN_LOOKS)
    delivery.finish()
