"""Forks processes from one that has imported what takes seconds to import.

``python fork_server.py DESCRIPTOR MODULE...`` imports the modules, and then forks a process for each
message on the socket of that descriptor, which the parent has left open. Nothing may be at work in
it: TensorFlow that has only been imported does in a fork what it does in a process of its own.
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


def _serve(connection: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    """Fork and tell exit codes; return in each child, with what it is to do and its files.

    Files are those of standard input, output and error, and a pipe for the exit code.
    """
    with selectors.DefaultSelector() as selector:
        selector.register(connection, selectors.EVENT_READ)
        while selector.get_map():
            for key, _ in selector.select():
                if key.data is not None:
                    pid, told = key.data
                    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
                    os.write(told, str(code).encode())
                    selector.unregister(key.fd)
                    os.close(key.fd)
                    os.close(told)
                    continue
                message, files, *_ = socket.recv_fds(connection, 1 << 20, 4)
                if not message:  # it is closed; what runs is waited for
                    selector.unregister(connection)
                    continue
                pid = os.fork()
                if not pid:
                    for other in selector.get_map().values():
                        os.close(other.fd)
                        if other.data is not None:
                            os.close(other.data[1])
                    connection.detach()
                    return json.loads(message), files
                for file in files[:3]:
                    os.close(file)
                selector.register(os.pidfd_open(pid), selectors.EVENT_READ, (pid, files[3]))
                connection.send(str(pid).encode())
    return None


def _run(request: dict[str, Any], files: list[int]) -> None:
    """Do in this process what the interpreter does with ``-m MODULE ...`` or ``-c CODE ...``."""
    if request["start_new_session"]:
        os.setsid()
    for number, file in enumerate(files[:3]):
        os.dup2(file, number)
    for file in files:
        os.close(file)
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
