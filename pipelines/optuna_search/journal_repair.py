"""Journal files that a full disk or a killed process has damaged."""

from __future__ import annotations

import json
import os
import shutil
import warnings
from pathlib import Path

from optuna.storages.journal import JournalFileSymlinkLock

__all__ = ["repair_journal"]


def repair_journal(path: str) -> None:
    """Cut a journal file after its last sound line, where it is damaged.

    Optuna appends the next record to a torn line, and then can read neither. What was damaged is
    kept beside the file, as ``<path>.damaged``.

    Parameters
    ----------
    path : str
        May not exist yet.

    Warns
    -----
    UserWarning
        If it was damaged.
    """
    if _sound_length(path) is None:
        return
    lock = JournalFileSymlinkLock(path)
    lock.acquire()
    try:
        length = _sound_length(path)  # another worker may have written the rest, or repaired it
        if length is None:
            return
        damaged = f"{path}.damaged"
        shutil.copyfile(path, damaged)
        os.truncate(path, length)
    finally:
        lock.release()
    warnings.warn(
        f"The journal {path} was damaged after {length:,} bytes, as by a full disk; the search goes "
        f"on with what stands before that. The whole file is kept as {damaged}.",
        UserWarning,
        stacklevel=2,
    )


def _sound_length(path: str) -> int | None:
    """Bytes up to the first damaged line; None where there is none."""
    if not Path(path).is_file():
        return None
    length = 0
    with open(path, "rb") as file:
        for line in file:
            try:
                json.loads(line)
            except ValueError:
                return length
            if not line.endswith(b"\n"):
                return length
            length += len(line)
    return None
