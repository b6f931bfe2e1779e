"""The process that delivers a journal, as the searching process sees it."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen

from pipelines.errors import InputError
from pipelines.processes import this_process
from pipelines.tracking.address import default_tracking_uri
from pipelines.tracking.environment import RUN_VARIABLES, packages_importable
from pipelines.tracking.journal import JOURNALS_FOLDER, Journal

__all__ = ["WriterProcess"]

_RESTARTS = 3
_SECONDS_BETWEEN_LOOKS = 0.02


class WriterProcess:
    """Keeps a process alive that delivers a journal.

    A process that dies is started anew, and goes on where the old one ended.

    Parameters
    ----------
    tracking_uri : str
    journal : Journal
        Whose folder is made as the run is opened.
    """

    def __init__(self, tracking_uri: str, journal: Journal) -> None:
        self.tracking_uri = tracking_uri
        self.journal = journal
        self._lock = threading.Lock()
        self._is_closing = False
        self._is_idle = False
        self._supervisor = threading.Thread(target=self._supervise, daemon=True)

    @classmethod
    @contextmanager
    def ahead(cls) -> Iterator[WriterProcess]:
        """Start a process before it is known whether there will be a search.

        It imports MLflow, for seconds, and connects where that leaves no trace. One without a run
        by the end is ended.
        """
        writer = cls(default_tracking_uri(), Journal.below(Path(JOURNALS_FOLDER)))
        writer._start()
        writer._is_idle = True
        try:
            yield writer
        finally:
            if writer._is_idle:
                writer._end_input()  # by which it ends, and nobody has to wait
                threading.Thread(target=writer._process.wait, daemon=True).start()

    def open(self, **request: str | None) -> tuple[str, str]:
        """Open the parent run, once MLflow has answered.

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
            If MLflow does not answer, or refuses.
        """
        about = {**request, "source": sys.argv[0], "process": this_process()}
        self.journal.make_folder()
        self.journal.records.append({"call": "open_parent_run", "candidate": None, **about})
        if not self._is_idle or self._process.poll() is not None:
            self._start()
        self._is_idle = False
        try:
            while not (notes := self.journal.all_notes()) and self._process.poll() is None:
                time.sleep(_SECONDS_BETWEEN_LOOKS)
            note = (notes or self.journal.all_notes() or [{}])[0]
        except BaseException:
            self._end_input()  # the process leaves nothing behind then
            raise
        if "run_id" not in note:
            self._end_input()
            self._process.wait()
            self.journal.remove()
            raise InputError(note.get("error", "The process that writes to MLflow has died."))
        self._supervisor.start()
        return note["run_id"], note["experiment_id"]

    def flush(self, timeout: float) -> bool:
        """Wait until all records are delivered or refused.

        Parameters
        ----------
        timeout : float
            Seconds to wait for the next record to be delivered before giving up.

        Returns
        -------
        bool
            Whether nothing is left.
        """
        if not self.journal.records.append():  # the disk is still full
            return False
        left, deadline = self._n_undelivered(), time.monotonic() + timeout
        while left and time.monotonic() < deadline and self._supervisor.is_alive():
            time.sleep(_SECONDS_BETWEEN_LOOKS)
            before, left = left, self._n_undelivered()
            if left < before:
                deadline = time.monotonic() + timeout
        return self._n_undelivered() == 0

    def close(self, timeout: float) -> list[str]:
        """Wait as `flush` does, and let the process end; one that is behind is killed.

        Returns
        -------
        list of str
            What is not as it should be, for people.
        """
        flushed = self.flush(timeout)
        notes = self.journal.all_notes()
        problems = []
        with self._lock:
            self._is_closing = True
            self._end_input()
            if not flushed:
                self._process.kill()
        if refused := [note["refused"] for note in notes if "refused" in note]:
            problems.append(f"{len(refused)} writes were refused ({refused[0]})")
        if flushed:
            self.journal.remove()
        else:
            self._process.wait()  # so that `upload` may take its place
            problems.append(
                f"{self._n_undelivered()} of {self.journal.records.n_appended} writes are not "
                f"there yet, but kept in {self.journal.folder}: `python -m pipelines upload` "
                "sends them"
            )
        return problems

    def _n_undelivered(self) -> int:
        return self.journal.records.n_appended - len(self.journal.all_notes())

    def _start(self) -> None:
        environment = {name: os.environ[name] for name in os.environ.keys() - set(RUN_VARIABLES)}
        self._process = Popen(
            [sys.executable, "-m", "pipelines.tracking.writer", self.journal.folder.absolute()],
            env={
                **environment,
                **packages_importable(),
                "MLFLOW_TRACKING_URI": self.tracking_uri,
                # Its own patience with a server is minutes; the writer has one of its own.
                "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0",
                "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",
            },
            stdin=PIPE,
            stdout=DEVNULL,
            stderr=DEVNULL,
            start_new_session=True,  # Ctrl-C is not meant for it
        )

    def _end_input(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()

    def _supervise(self) -> None:
        """Start a new process in place of a dead one, some times."""
        for _ in range(_RESTARTS):
            self._process.wait()
            with self._lock:
                if self._is_closing:
                    return
                self._end_input()
                self._start()
        self._process.wait()
