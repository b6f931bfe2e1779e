"""The journal of a search: the folder by way of which all of it reaches MLflow."""

from __future__ import annotations

import itertools
import secrets
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import filelock
import tenacity

from pipelines.errors import InputError
from pipelines.processes import is_gone
from pipelines.tracking.json_lines import JsonLines

__all__ = ["JOURNALS_FOLDER", "Journal", "Record"]

# Below the current folder.
JOURNALS_FOLDER = ".searches"

Record = Mapping[str, Any]
"""A call to MLflow: ``call`` is a method of :class:`pipelines.tracking.runs.SearchRuns` or of
MLflow's client, ``candidate`` says whose run is meant (None: the parent run), and what else there
is are the method's arguments. The first record opens the parent run, the last one ends it."""


class Journal:
    """What a search has recorded, and how much of that has been delivered to MLflow.

    The searching process appends records, its workers append epochs, and the process that
    delivers them notes of each record, in their order, what came of it: the ``run_id`` of a run
    that began, the address of a ``model``, the ``worths`` that were asked for, the reason why it
    was ``refused``, or nothing.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.records = JsonLines(folder / "records.jsonl")
        self.notes = JsonLines(folder / "notes.jsonl")

    @classmethod
    def below(cls, folder: Path) -> Journal:
        """A new journal below a folder; on disk nothing is there of it yet."""
        return cls(folder / f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(3)}")

    def make_folder(self) -> None:
        """Make the folder, for what is recorded."""
        try:
            _make_folder(self.folder)
        except OSError as error:
            raise InputError(
                f"The folder {self.folder.parent}, by way of which a search is recorded, cannot be "
                f"written to ({error.strerror}): make room, or start in another folder."
            ) from error

    @classmethod
    def all_in(cls, folder: Path) -> list[Journal]:
        """List the journals below a folder, oldest first."""
        return [cls(path.parent) for path in sorted(folder.glob("*/records.jsonl"))]

    def epochs_file(self, candidate: int) -> Path:
        """Path of the file that a candidate's worker appends its epochs to."""
        return self.folder.absolute() / f"epochs-{candidate}.jsonl"

    def new_folder(self, name: str) -> Path:
        """Path of a folder for the files of a record, which is not there yet."""
        numbers = itertools.count(1)
        return next(folder for n in numbers if not (folder := self.folder / f"{name}-{n}").exists())

    def all_records(self) -> list[dict[str, Any]]:
        """Read all records; there are none where the journal has been removed."""
        return list(JsonLines(self.records.path).read())

    def all_notes(self) -> list[dict[str, Any]]:
        """Read what has been noted of the records by now."""
        return list(JsonLines(self.notes.path).read())

    def parent_run(self) -> dict[str, Any] | None:
        """Read what was noted when the parent run was opened; None where it was not."""
        notes = self.all_notes()
        return notes[0] if notes and "run_id" in notes[0] else None

    def may_grow(self) -> bool:
        """Whether the searching process is alive, on this machine, and has not ended the search."""
        records = self.all_records()
        return (
            bool(records)
            and is_gone(records[0]["process"]) is False
            and records[-1]["call"] != "end_search"
        )

    def lock(self, timeout: float = -1) -> filelock.BaseFileLock:
        """The lock that whoever delivers the journal holds; by default it is waited for."""
        return filelock.FileLock(self.folder / "lock", timeout=timeout)

    def remove(self) -> None:
        """Remove the folder, and the one above it once that is empty."""
        shutil.rmtree(self.folder, ignore_errors=True)
        try:
            self.folder.parent.rmdir()
        except OSError:  # other journals
            return


# Another search, which ends just now, may remove the empty folder above.
@tenacity.retry(
    retry=tenacity.retry_if_exception_type(FileNotFoundError),
    stop=tenacity.stop_after_attempt(10),
    reraise=True,
)
def _make_folder(folder: Path) -> None:
    folder.mkdir(parents=True)
