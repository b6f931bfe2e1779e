"""Processes that need not import what takes seconds, and a collector that need not look at it."""

from __future__ import annotations

import gc
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from multiprocessing.connection import wait
from pathlib import Path
from typing import IO, Any

import pytest

ROOT = Path(__file__).parents[1]
MODULES = (
    "estimators.classifier",
    "mlflow",
    "optuna",
    "pipelines.cli.grid",
    "pipelines.tracking.pipeline_file",
)


def pytest_collection() -> None:
    """Look for no garbage while libraries are imported and tests collected, all of which stays."""
    gc.disable()


def pytest_collection_finish() -> None:
    """Look for it among what the tests make, and not each time among a million other objects."""
    gc.enable()
    gc.collect()
    gc.freeze()


class ForkServer:
    """A process from which others are forked; see ``fork_server.py``.

    Parameters
    ----------
    modules : sequence of str
        What it imports.
    """

    def __init__(self, modules: Sequence[str]) -> None:
        self._lock = threading.Lock()
        # In packets, each of which is a message.
        self._connection, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        script = Path(__file__).with_name("fork_server.py")
        with other:
            self._process = subprocess.Popen(
                [sys.executable, script, str(other.fileno()), *modules],
                env={
                    **os.environ,
                    "PYTHONPATH": str(ROOT),
                    "MPLBACKEND": "agg",
                    "TF_CPP_MIN_LOG_LEVEL": "3",
                },
                pass_fds=[other.fileno()],
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )

    def fork(self, request: Mapping[str, Any], files: Sequence[int]) -> int:
        """Have it fork a process; return the process id."""
        with self._lock:
            socket.send_fds(self._connection, [json.dumps(request).encode()], files)
            return int(self._connection.recv(100))

    def close(self) -> None:
        """End it once all that it has forked has ended; what does not end goes on without it."""
        self._connection.close()
        try:
            self._process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class ForkedProcess:
    """What :class:`subprocess.Popen` is, for a process that a server forks.

    It takes those of its parameters that the tests, and the writer's process, need.
    """

    def __init__(
        self,
        server: ForkServer,
        arguments: Sequence[Any],
        *,
        cwd: str | Path | None = None,
        env: Mapping[str, str] | None = None,
        stdin: int | None = subprocess.DEVNULL,
        stdout: int | IO[Any] | None = None,
        stderr: int | IO[Any] | None = None,
        text: bool = False,
        start_new_session: bool = False,
    ) -> None:
        executable, *self.args = map(str, arguments)
        assert executable == sys.executable
        self.returncode: int | None = None
        self._lock = threading.Lock()
        self._readers: list[tuple[threading.Thread, list[Any]]] = []
        theirs: list[int] = []
        self.stdin = self._pipe(stdin, 0, theirs, text=text)
        self.stdout = self._pipe(stdout, 1, theirs, text=text)
        if stderr == subprocess.STDOUT:
            self.stderr = None
            theirs.append(os.dup(theirs[1]))
        else:
            self.stderr = self._pipe(stderr, 2, theirs, text=text)
        self._code = self._pipe(subprocess.PIPE, 3, theirs, text=True)
        request = {
            "arguments": self.args,
            "cwd": str(cwd or Path.cwd()),
            "env": dict(os.environ if env is None else env),
            "start_new_session": start_new_session,
        }
        try:
            self.pid = server.fork(request, theirs)
        finally:
            for file in theirs:
                os.close(file)

    @staticmethod
    def _pipe(
        kind: int | IO[Any] | None, number: int, theirs: list[int], *, text: bool
    ) -> IO[Any] | None:
        """Our end of a pipe; theirs, or what stands in its place, is appended."""
        if not isinstance(kind, int | None):
            kind = kind.fileno()
        if kind == subprocess.DEVNULL:
            theirs.append(os.open(os.devnull, os.O_RDWR))
            return None
        if kind != subprocess.PIPE:
            theirs.append(os.dup(number if kind is None else kind))
            return None
        read, write = os.pipe()
        theirs.append(write if number else read)
        mode = ("r" if number else "w") + ("" if text else "b")
        return open(read if number else write, mode, encoding="utf-8" if text else None)

    def poll(self) -> int | None:
        """Its exit code, or None while it runs."""
        return self._exit_code(0)

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code, once it has ended."""
        code = self._exit_code(timeout)
        if code is None:
            assert timeout is not None
            raise subprocess.TimeoutExpired(self.args, timeout)
        return code

    def _exit_code(self, timeout: float | None) -> int | None:
        assert self._code is not None
        if self.returncode is None and wait([self._code], timeout):
            with self._lock:
                if self.returncode is None:
                    self.returncode = int(self._code.read())
        return self.returncode

    def communicate(self, timeout: float | None = None) -> tuple[Any, Any]:
        """What it writes until it ends, with no more input."""
        if self.stdin is not None:
            self.stdin.close()
        if not self._readers:
            for file in (self.stdout, self.stderr):
                read: list[Any] = []

                def reader(file: IO[Any] | None = file, read: list[Any] = read) -> None:
                    read.append(None if file is None else file.read())

                self._readers.append((threading.Thread(target=reader, daemon=True), read))
            for thread, _ in self._readers:
                thread.start()
        self.wait(timeout)
        for thread, _ in self._readers:
            thread.join(timeout)
            if thread.is_alive():
                assert timeout is not None
                raise subprocess.TimeoutExpired(self.args, timeout)
        out, error = (read[0] for _, read in self._readers)
        return out, error

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class Forks:
    """Starts processes that have imported TensorFlow, Keras, MLflow and Optuna already.

    Each runs ``[sys.executable, "-m" or "-c", ...]`` in an interpreter in which nothing but that has
    happened. What is about these imports themselves starts real processes.

    Parameters
    ----------
    modules : sequence of str
        What has been imported.
    """

    def __init__(self, modules: Sequence[str] = MODULES) -> None:
        self._modules = modules
        self._server: ForkServer | None = None

    def start(self, arguments: Sequence[Any], **how: Any) -> Any:
        """Start a process, as :class:`subprocess.Popen` does."""
        if not hasattr(os, "pidfd_open"):  # elsewhere than on Linux
            return subprocess.Popen(arguments, **how)
        if self._server is None:
            self._server = ForkServer(self._modules)
        return ForkedProcess(self._server, arguments, **how)

    def run(
        self,
        arguments: Sequence[Any],
        *,
        check: bool = False,
        timeout: float | None = None,
        **how: Any,
    ) -> subprocess.CompletedProcess[str]:
        """Run one to its end and return what it wrote, as :func:`subprocess.run` does."""
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        process = self.start(arguments, **pipes, **how)
        try:
            out, error = process.communicate(timeout)
        except BaseException:
            process.kill()
            raise
        done = subprocess.CompletedProcess(arguments, process.returncode, out, error)
        if check:
            assert done.returncode == 0, error
        return done

    def close(self) -> None:
        """End the process that they are forked from."""
        if self._server is not None:
            self._server.close()
            self._server = None


@pytest.fixture(scope="session")
def forks() -> Iterator[Forks]:
    """Starts processes that need not import TensorFlow, Keras, MLflow and Optuna."""
    starter = Forks()
    yield starter
    starter.close()
