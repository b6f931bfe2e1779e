"""The storage of a study, by address."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import tenacity
from optuna.exceptions import DuplicatedStudyError, StorageInternalError
from optuna.storages import BaseStorage, InMemoryStorage, JournalStorage, RDBStorage
from optuna.storages.journal import JournalFileBackend
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from pipelines.errors import InputError
from pipelines.optuna_search.experimental import heartbeat_database, storage_proxy
from pipelines.optuna_search.journal_repair import repair_journal
from pipelines.passwords import hide_password

__all__ = ["GRACE_PERIOD", "heartbeat", "open_storage", "persistently"]

# Seconds between two heartbeats of a worker, and after which one without any counts as dead.
_HEARTBEAT_INTERVAL = 30
GRACE_PERIOD = 120

_DATABASE_FILES = (".db", ".sqlite", ".sqlite3")


def open_storage(address: str | None) -> BaseStorage:
    """Open a storage, and create it where it does not exist.

    Parameters
    ----------
    address : str or None
        An SQLAlchemy URL (``sqlite:///study.db``, ``postgresql://...``), ``grpc://host:port`` of
        an Optuna proxy, or the path of a journal file. None keeps the study in memory.

    Returns
    -------
    optuna.storages.BaseStorage

    Raises
    ------
    InputError
        If it cannot be opened.
    """
    if address is None:
        return InMemoryStorage()
    if address.startswith("grpc://"):
        return _proxy(address)
    if "://" in address:
        return _database(address)
    if address.endswith(_DATABASE_FILES):
        raise InputError(
            f"The storage {address} looks like a database but is taken for a journal file; write "
            f"sqlite:///{address} for the one, or another ending for the other."
        )
    try:
        repair_journal(address)
        return JournalStorage(JournalFileBackend(address))
    except OSError as error:
        raise InputError(f"The storage {address} cannot be opened: {error.strerror}.") from error


@contextmanager
def heartbeat(storage: BaseStorage, trial_id: int) -> Iterator[None]:
    """Record that a trial's worker is alive, in a storage that takes heartbeats.

    ``Study.optimize`` does so, too; ``Study.ask`` does not.
    """
    if not isinstance(storage, RDBStorage) or storage.get_heartbeat_interval() is None:
        yield
        return
    ended = threading.Event()

    def record(database: RDBStorage, interval: int | None) -> None:
        while True:
            database.record_heartbeat(trial_id)
            if ended.wait(interval):
                return

    arguments = storage, storage.get_heartbeat_interval()
    thread = threading.Thread(target=record, args=arguments, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


# Workers that create the same tables at the same moment hinder each other.
persistently = tenacity.Retrying(
    retry=tenacity.retry_if_exception_type(
        (SQLAlchemyError, StorageInternalError, DuplicatedStudyError)
    ),
    wait=tenacity.wait_random_exponential(multiplier=0.1, max=2),
    stop=tenacity.stop_after_delay(5),
    reraise=True,
)


def _proxy(address: str) -> BaseStorage:
    host, colon, port = address.removeprefix("grpc://").rpartition(":")
    if not colon or not port.isdigit():
        raise InputError(f"The storage {address} has no port; write grpc://host:port.")
    proxy = storage_proxy(host, int(port))
    try:
        proxy.wait_server_ready(timeout=10)
    except ConnectionError as error:
        raise InputError(f"Nothing answers at the storage {address}; start its server.") from error
    return proxy


def _database(address: str) -> BaseStorage:
    shown = hide_password(address)
    try:
        url = make_url(address)
        url.get_dialect()
    except ArgumentError as error:
        raise InputError(
            f"The storage {shown} is not the address of any database that SQLAlchemy knows; write, "
            "for example, sqlite:///study.db."
        ) from error

    if url.get_backend_name() == "sqlite" and url.database:
        folder = Path(url.database).parent
        if not folder.is_dir():
            raise InputError(
                f"The storage {shown} cannot be opened, for there is no folder {folder}; make it, or "
                "name another."
            )
    # sqlite waits that long for another writer.
    patience = {"connect_args": {"timeout": 60}} if address.startswith("sqlite") else {}
    try:
        storage = persistently(
            heartbeat_database,
            address,
            interval=_HEARTBEAT_INTERVAL,
            grace_period=GRACE_PERIOD,
            engine_kwargs=patience,
        )
    except ImportError as error:
        raise InputError(
            f"The storage {shown} needs the driver {error.name}, which is not installed; "
            "install it, or name another in the address (postgresql+psycopg://...)."
        ) from error
    except (SQLAlchemyError, StorageInternalError) as error:
        reason = " ".join(str(error.__cause__ or error).split("\n")[0].split())
        raise InputError(f"The storage {shown} cannot be opened: {reason}.") from error
    weakref.finalize(storage, storage.engine.dispose)  # Optuna closes no connection of its pool
    return storage
