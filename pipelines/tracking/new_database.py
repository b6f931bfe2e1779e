"""A new database file of MLflow's: its tables are made aside, and copied to it in one step.

MLflow makes them in a hundred steps, after each of which it waits for the disk: seconds, in which
another process may meet half of them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import sqlalchemy
from mlflow import MlflowClient

__all__ = ["NewTables", "database_file"]


def database_file(tracking_uri: str) -> Path | None:
    """The file of a database, be it there or not; None where it is in no file."""
    if not tracking_uri.startswith("sqlite:"):
        return None
    name = sqlalchemy.make_url(tracking_uri).database
    return Path(name).absolute() if name and name != ":memory:" else None


class NewTables:
    """MLflow's tables without runs, made once, when they are first asked for.

    The default experiment in them has its artifacts where MLflow puts them in this folder.
    """

    def __init__(self) -> None:
        self._file: Path | None = None
        self._folder: TemporaryDirectory[str] | None = None

    def make(self) -> Path:
        """Make them, in a temporary file."""
        if self._file is None:
            self._folder = TemporaryDirectory(prefix="mlflow-tables-")
            file = Path(self._folder.name, "mlflow.db")
            with _without_waiting():
                MlflowClient(f"sqlite:///{file}").search_experiments(max_results=1)
            self._file = file
        return self._file

    def copy_to(self, file: Path) -> None:
        """Copy them to a database that has no tables; to another nothing is done.

        Raises
        ------
        sqlite3.Error
            If it is no database, or cannot be written.
        """
        with closing(sqlite3.connect(file)) as database:
            if database.execute("PRAGMA schema_version").fetchone() == (0,):
                with closing(sqlite3.connect(self.make())) as tables:
                    tables.backup(database)

    def remove(self) -> None:
        """Remove the temporary file, if there is one."""
        if self._folder is not None:
            self._folder.cleanup()
        self._file = self._folder = None


@contextmanager
def _without_waiting() -> Iterator[None]:
    """Within, what is written to new connections of SQLite is not waited for."""

    def set_up(connection: Any, record: Any) -> None:
        connection.execute("PRAGMA synchronous = OFF")

    sqlalchemy.event.listen(sqlalchemy.Engine, "connect", set_up)
    try:
        yield
    finally:
        sqlalchemy.event.remove(sqlalchemy.Engine, "connect", set_up)
