"""Forks processes from one that has imported what takes seconds to import.

``python fork_server.py DESCRIPTOR MODULE...`` imports the modules, and then forks a process for each
message on the socket of that descriptor, which the parent has left open. Nothing may be at work in
it: TensorFlow that has only been imported does in a fork what it does in a process of its own. Each
process gets a socket of its own, by which the one that it starts to write to MLflow is forked too.
"""

from __future__ import annotations

import contextlib
import faulthandler
import gc
import importlib
import json
import os
import runpy
import selectors
import socket
import sys
import tempfile
import types
from collections.abc import Iterator
from typing import Any

from forked_process import ForkServer


def main() -> None:
    """Import the modules, and answer until the socket is closed and all that was forked has ended."""
    connection = socket.socket(fileno=int(sys.argv[1]))
    with _quiet():
        for name in sys.argv[2:]:
            importlib.import_module(name)
    gc.freeze()  # so that a collection in a child copies no pages of these
    if (request := _serve(connection)) is not None:
        _run(*request)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Hold back what TensorFlow says as it is imported, unless that ends in an exception."""
    standard_error = os.dup(2)
    with tempfile.TemporaryFile() as said:
        os.dup2(said.fileno(), 2)
        try:
            yield
        except BaseException:
            said.seek(0)
            os.write(standard_error, said.read())
            raise
        finally:
            os.dup2(standard_error, 2)
            os.close(standard_error)


def _serve(
    connection: socket.socket,
) -> tuple[dict[str, Any], list[int], socket.socket] | None:
    """Fork and tell exit codes; return in each child what it is to do, its files and its socket.

    Files are those of standard input, output and error, and a pipe for the exit code.
    """
    with selectors.DefaultSelector() as selector:
        selector.register(connection, selectors.EVENT_READ)
        while selector.get_map():
            for key, _ in selector.select():
                if key.data is not None:
                    pid, told = key.data
                    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
                    with contextlib.suppress(BrokenPipeError):  # who started it has ended
                        os.write(told, str(code).encode())
                    selector.unregister(key.fd)
                    os.close(key.fd)
                    os.close(told)
                    continue
                asking = key.fileobj
                try:
                    message, files, *_ = socket.recv_fds(asking, 1 << 20, 4)
                except ConnectionResetError:  # by one that was killed
                    message = b""
                if not message:  # it is closed; what runs is waited for
                    selector.unregister(asking)
                    asking.close()
                    continue
                ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
                pid = os.fork()
                if not pid:
                    ours.close()
                    for other in [*selector.get_map().values()]:
                        if other.data is None:
                            other.fileobj.close()
                        else:
                            os.close(other.fd)
                            os.close(other.data[1])
                    return json.loads(message), files, theirs
                theirs.close()
                for file in files[:3]:
                    os.close(file)
                selector.register(ours, selectors.EVENT_READ)
                selector.register(os.pidfd_open(pid), selectors.EVENT_READ, (pid, files[3]))
                with contextlib.suppress(BrokenPipeError):  # who asked was killed
                    asking.send(str(pid).encode())
    return None


def _run(request: dict[str, Any], files: list[int], connection: socket.socket) -> None:
    """Do in this process what the interpreter does with ``-m MODULE ...`` or ``-c CODE ...``."""
    if request["start_new_session"]:
        os.setsid()
    for number, file in enumerate(files[:3]):
        os.dup2(file, number)
    for file in files:
        os.close(file)
    if request["forks_writer"] and "pipelines.tracking.writer_process" in sys.modules:
        writer_process = sys.modules["pipelines.tracking.writer_process"]
        writer_process.Popen = ForkServer(connection).start
    else:
        connection.close()
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["env"])
    if "PYTHONFAULTHANDLER" in os.environ:
        faulthandler.enable()
    option, code, *arguments = request["arguments"]
    sys.path[0] = os.getcwd()
    sys.argv = [option, *arguments]
    if option == "-m":
        runpy.run_module(code, run_name="__main__", alter_sys=True)
    else:
        sys.modules["__main__"] = module = types.ModuleType("__main__")
        exec(compile(code, "<string>", "exec"), module.__dict__)


if __name__ == "__main__":
    main()
