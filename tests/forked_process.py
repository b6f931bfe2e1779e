"""Processes that are forked from one that has imported what takes seconds to import."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from multiprocessing.connection import wait
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).parents[1]
MODULES = (
    "estimators.classifier",
    "estimators.diagnosis.diagnose",
    "mlflow",
    "mlflow.store.tracking.sqlalchemy_store",
    "optuna",
    "pipelines.ablation.run",
    "pipelines.cli.grid",
    "pipelines.report.console",
    "pipelines.search.baselines",
    "pipelines.tracking.pipeline_file",
    "pipelines.tracking.recording",
    "pipelines.tracking.tracker",
    "pipelines.tracking.writer_process",
)


class ForkServer:
    """The process from which others are forked, as one that asks it knows it.

    Parameters
    ----------
    connection : socket.socket
        To it, in packets, each of which is a message.
    """

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._lock = threading.Lock()

    def fork(self, request: Mapping[str, Any], files: Sequence[int]) -> int:
        """Have it fork a process; return the process id."""
        with self._lock:
            socket.send_fds(self._connection, [json.dumps(request).encode()], files)
            return int(self._connection.recv(100))

    def start(self, arguments: Sequence[Any], **how: Any) -> ForkedProcess:
        """Start a process, as :class:`subprocess.Popen` does."""
        return ForkedProcess(self, arguments, **how)

    def close(self) -> None:
        """Ask it for nothing any more."""
        self._connection.close()


class ForkedProcess:
    """What :class:`subprocess.Popen` is, for a process that a server forks.

    It takes those of its parameters that the tests, and the writer's process, need.

    Parameters
    ----------
    forks_writer : bool, default=True
        Whether the process that it has write to MLflow is forked too.
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
        forks_writer: bool = True,
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
            "forks_writer": forks_writer,
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
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, arguments: Sequence[Any], *, forks_writer: bool = True, **how: Any) -> Any:
        """Start a process, as :class:`subprocess.Popen` does."""
        if not hasattr(os, "pidfd_open"):  # elsewhere than on Linux
            return subprocess.Popen(arguments, **how)
        if self._process is None:
            self._begin()
        return self._server.start(arguments, forks_writer=forks_writer, **how)

    def _begin(self) -> None:
        """Start the process that they are forked from."""
        connection, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        script = Path(__file__).with_name("fork_server.py")
        with other:
            self._process = subprocess.Popen(
                [sys.executable, script, str(other.fileno()), *self._modules],
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
        self._server = ForkServer(connection)

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
        """End it once all that it has forked has ended; what does not end goes on without it."""
        if self._process is None:
            return
        self._server.close()
        try:
            self._process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None
