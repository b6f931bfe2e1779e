"""The writer of a journal, as the searching process sees it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from contextlib import suppress
from typing import Any

from pipelines.errors import InputError
from pipelines.processes import this_process
from pipelines.tracking.environment import packages_importable
from pipelines.tracking.journal import Journal
from pipelines.tracking.records import Record

__all__ = ["WriterProcess"]

_MODULE = "pipelines.tracking.writer"
_RESTARTS = 3
_SECONDS_TO_END = 3.0


class WriterProcess:
    """Hands records to a process that writes them to the tracking store.

    Handing over never waits for the store. A process that dies is started anew and takes up
    where the old one ended.

    Parameters
    ----------
    tracking_uri : str
    journal : Journal
        Where the records go by way of.

    Attributes
    ----------
    n_submitted, n_done : int
        Records handed in, and handled by the process, well or not.
    refused : list of str
        Why, one reason for each record that the store refused.
    """

    def __init__(self, tracking_uri: str, journal: Journal) -> None:
        self.tracking_uri = tracking_uri
        self.journal = journal
        self.n_submitted = 0
        self.n_done = 0
        self.refused: list[str] = []
        self._lock = threading.Lock()
        self._progress = threading.Condition()
        self._restarts_left = _RESTARTS
        self._start()

    def _start(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", _MODULE],
            env={
                **os.environ,
                **packages_importable(),
                "MLFLOW_TRACKING_URI": self.tracking_uri,
                # Its own patience with a server is minutes; the writer has one of its own.
                "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0",
                "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is not meant for it
        )

    def open(self, **request: Any) -> tuple[str, str]:
        """Open the parent run, once the store has answered.

        Parameters
        ----------
        **request
            ``experiment``, ``run_name``, ``run_id`` and ``experiment_id``, as
            :func:`pipelines.tracking.connection.open_parent_run` takes them.

        Returns
        -------
        run_id, experiment_id : str

        Raises
        ------
        InputError
            If the store does not answer, or refuses.
        """
        self._answer()
        self._request = {
            **request,
            "journal": str(self.journal.folder.absolute()),
            "source": sys.argv[0],
            "process": this_process(),
        }
        self._send(json.dumps(self._request))
        opened = self._answer()
        self._listen()
        return opened["run_id"], opened["experiment_id"]

    def submit(self, record: Record) -> None:
        """Hand in a record; returns at once."""
        self.journal.append(record)
        with self._lock:
            self.n_submitted += 1
            try:
                self._send("")
            except OSError:
                self._restart()

    def drain(self, patience: float) -> bool:
        """Wait until all records are handled.

        Parameters
        ----------
        patience : float
            Seconds to wait for the next record to be handled before giving up.

        Returns
        -------
        bool
            Whether nothing is left.
        """
        self.journal.flush()
        with self._progress:
            while self.n_done < self.n_submitted:
                done = self.n_done
                # Each record that is handled starts the patience anew.
                if self._progress.wait(patience) or self.n_done > done:
                    continue
                return False
            return True

    def close(self, patience: float) -> bool:
        """Wait as `drain` does, and let the process end; one that is behind is ended."""
        try:
            drained = self.drain(patience)
        except OSError:
            drained = False
        with self._lock:
            self._restarts_left = 0
            if not drained:
                self._process.kill()
            with suppress(OSError):
                if self._process.stdin:
                    self._process.stdin.close()
        self._listener.join(_SECONDS_TO_END)
        return drained

    def _restart(self) -> None:
        """Start a new process in place of a dead one; it goes on with the same journal."""
        if self._restarts_left == 0:
            return
        self._restarts_left -= 1
        self._start()
        try:
            self._answer()
            self._send(json.dumps(self._request))
            self._answer()
        except (InputError, OSError):
            return  # the journal keeps everything
        self._listen()
        self._send("")

    def _send(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line.encode() + b"\n")
        self._process.stdin.flush()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        answer = json.loads(line or '{"error": "The process that writes to MLflow ended."}')
        if "error" in answer:
            self._process.wait()
            raise InputError(answer["error"])
        return answer

    def _listen(self) -> None:
        self._listener = threading.Thread(
            target=self._follow, args=(self._process,), name="mlflow-writer", daemon=True
        )
        self._listener.start()

    def _follow(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        with process.stdout as lines:
            for line in lines:
                state = json.loads(line)
                with self._progress:
                    self.n_done = state["n_records"]
                    self.refused = state["refused"]
                    self._progress.notify_all()
        failed = process.wait() != 0
        with self._lock:
            if failed and process is self._process and self.n_done < self.n_submitted:
                self._restart()
