"""Files of JSON, one value a line, that one process appends to and another one follows."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

__all__ = ["JsonLines"]


class JsonLines:
    """A file of JSON lines, of which every whole line counts whenever a process is killed.

    Parameters
    ----------
    path : Path
        The file need not exist yet. Where its folder does not, nothing is written.

    Attributes
    ----------
    n_appended : int
        Values appended by this object.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.n_appended = 0
        self._lock = threading.Lock()
        self._pending = bytearray()
        self._position = 0

    def append(self, *values: Any) -> bool:
        """Append values; what a full disk does not take waits in memory for the next call.

        Returns
        -------
        bool
            Whether everything is on disk.
        """
        with self._lock:
            is_first = self.n_appended == 0
            self.n_appended += len(values)
            self._pending += b"".join(json.dumps(value).encode() + b"\n" for value in values)
            if not self._pending:
                return True
            try:
                # Without a buffer, which could be written in part, and again later.
                with self.path.open("a+b", buffering=0) as file:
                    if is_first and file.seek(0, os.SEEK_END):
                        file.seek(-1, os.SEEK_END)
                        if file.read(1) != b"\n":  # who wrote before was killed
                            self._pending[:0] = b"\n"
                    while self._pending:
                        del self._pending[: file.write(self._pending)]
            except OSError:
                return False
            return True

    def read(self) -> Iterator[Any]:
        """Yield the values that have been appended since the last one yielded.

        Half a line waits for its end, and is left out where other lines follow.
        """
        try:
            file = self.path.open("rb")
        except FileNotFoundError:
            return
        with file:
            file.seek(self._position)
            for line in file:
                if not line.endswith(b"\n"):
                    return
                self._position += len(line)
                try:
                    value = json.loads(line)
                except ValueError:
                    continue
                yield value
