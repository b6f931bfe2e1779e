"""The journal of a search: a folder with every record, and how far they have been delivered."""

from __future__ import annotations

import json
import secrets
import shutil
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipelines.tracking.records import Record, dump_record, load_record

__all__ = ["JOURNALS_FOLDER", "Delivered", "Journal", "new_journal", "undelivered_journals"]

# Below the current folder.
JOURNALS_FOLDER = ".searches"

_RECORDS, _DELIVERED, _PARENT = "records.jsonl", "delivered.jsonl", "parent.json"


@dataclass
class Delivered:
    """How far the records of a journal have been delivered.

    Attributes
    ----------
    n_records : int
        Records that were delivered or refused, from the first one on.
    refused : list of str
        Why, one reason a refused record.
    run_ids : dict of int to str
        The store's ids of the candidates' runs.
    """

    n_records: int = 0
    refused: list[str] = field(default_factory=list)
    run_ids: dict[int, str] = field(default_factory=dict)


class Journal:
    """Records on disk, one a line, so that a search that is killed has said all it had to say.

    One process appends records, another one reads them and notes what it has delivered.

    Parameters
    ----------
    folder : Path
        Made where it does not exist yet.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._position = 0
        self._pending: list[str] = []
        self._lock = threading.Lock()

    def append(self, record: Record) -> None:
        """Write a record; where the disk is full it waits in memory for the next one's turn."""
        with self._lock:
            self._pending.append(dump_record(record) + "\n")
            try:
                self._write_pending()
            except OSError:
                return

    def flush(self) -> None:
        """Write what a full disk had kept back.

        Raises
        ------
        OSError
            If it is still full.
        """
        with self._lock:
            self._write_pending()

    def _write_pending(self) -> None:
        # Whole lines only: half of one, from a disk that filled up, is cut off again.
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / _RECORDS).open("ab") as file:
            while self._pending:
                end = file.tell()
                try:
                    file.write(self._pending[0].encode())
                    file.flush()
                except OSError:
                    file.truncate(end)
                    raise
                del self._pending[0]

    def unread(self) -> Iterator[Record]:
        """Yield the records that were appended since the last one yielded."""
        try:
            file = (self.folder / _RECORDS).open("rb")
        except FileNotFoundError:
            return
        with file:
            file.seek(self._position)
            for line in file:
                if not line.endswith(b"\n"):
                    return
                self._position += len(line)
                yield load_record(line.decode())

    def note_delivered(self, run_ids: dict[int, str], refused: str | None = None) -> None:
        """Note that the next record has been delivered, or refused for a reason."""
        note: dict[str, Any] = {}
        if run_ids:
            note["run_ids"] = run_ids
        if refused is not None:
            note["refused"] = refused
        with (self.folder / _DELIVERED).open("a") as file:
            file.write(json.dumps(note) + "\n")

    def delivered(self) -> Delivered:
        """Read how far the records have been delivered."""
        found = Delivered()
        try:
            lines = (self.folder / _DELIVERED).read_text("utf-8").splitlines(keepends=True)
        except FileNotFoundError:
            return found
        for line in lines:
            if line.endswith("\n"):
                note = json.loads(line)
                found.n_records += 1
                found.run_ids |= {int(key): id_ for key, id_ in note.get("run_ids", {}).items()}
                found.refused += [note["refused"]] if "refused" in note else []
        return found

    @property
    def parent(self) -> dict[str, Any]:
        """What was noted of the parent run; empty before."""
        try:
            return json.loads((self.folder / _PARENT).read_text("utf-8"))
        except FileNotFoundError:
            return {}

    @parent.setter
    def parent(self, values: dict[str, Any]) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / _PARENT).write_text(json.dumps(values), "utf-8")

    @property
    def lock_path(self) -> Path:
        """The file that whoever delivers holds a lock on."""
        return self.folder / "lock"

    def remove(self) -> None:
        """Remove the folder, and the one above it once that is empty."""
        shutil.rmtree(self.folder, ignore_errors=True)
        try:
            self.folder.parent.rmdir()
        except OSError:  # other journals
            return


def new_journal(folder: Path) -> Journal:
    """Name a journal that does not exist yet, below a folder."""
    return Journal(folder / f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(3)}")


def undelivered_journals(folder: Path) -> list[Journal]:
    """List the journals below a folder, oldest first."""
    return [Journal(path.parent) for path in sorted(folder.glob(f"*/{_PARENT}"))]
