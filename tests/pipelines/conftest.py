"""Folders with nothing of MLflow's, real servers (MLflow's, PostgreSQL's), and a real browser."""

from __future__ import annotations

import contextlib
import functools
import html
import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy

from pipelines import cli
from pipelines.tracking.connection import connect

# The page in a frame of some width, and what its script, and a click in it, have made of it.
_FRAME = """<!doctype html><body><iframe id="frame" width="{width}" height="900" srcdoc="{page}"></iframe>
<script>
frame.onload = () => {{
  const inner = frame.contentDocument, root = inner.documentElement;
  const table = inner.querySelector("table.sortable");
  const first = () => table?.tBodies[0].rows[0].cells[1].textContent;
  const before = first();
  table?.tHead.rows[0].cells[1].click();
  const mark = inner.querySelector("[data-tip]");
  mark?.dispatchEvent(new PointerEvent("pointermove", {{bubbles: true, clientX: 5, clientY: 5}}));
  const tip = inner.getElementById("tip");
  const areas = [...inner.querySelectorAll(".plot .area")];
  const cut = [...inner.querySelectorAll(".chart svg *")].filter(one => {{
    const box = one.getBoundingClientRect();
    return box.width && (box.left < -1 || box.right > root.clientWidth + 1);
  }});
  const result = {{
    overflow: root.scrollWidth - root.clientWidth, before, after: first(),
    tip: tip?.hidden ? null : tip?.textContent, expected: mark?.dataset.tip, cut: cut.length,
    filled: areas.map(one => one.getBoundingClientRect().width / one.closest(".plot").clientWidth),
  }};
  const told = document.createElement("output");
  told.textContent = JSON.stringify(result);
  document.body.append(told);
}};
</script></body>"""


@pytest.fixture(scope="session", autouse=True)
def forked_writers(forks):
    """Have the process that writes to MLflow forked, where this one starts it.

    That of a search in a process of its own is started as ever, and so are `real_writers`.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipelines.tracking.writer_process.Popen", forks.start)
        yield


@pytest.fixture
def real_writers(forked_writers, monkeypatch):
    """Have it started by the interpreter, as a child of this one."""
    monkeypatch.setattr("pipelines.tracking.writer_process.Popen", subprocess.Popen)


@pytest.fixture
def bare_folder(tmp_path, monkeypatch):
    """The test's folder as the current one, and nothing of MLflow's in the environment."""
    monkeypatch.chdir(tmp_path)
    for name in os.environ:
        if name.startswith("MLFLOW_"):
            monkeypatch.delenv(name)
    return tmp_path


@pytest.fixture
def run_command(monkeypatch, capsys):
    """A function that runs the command line here and returns exit code and both outputs."""

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["pipelines", *arguments])
        code = 0
        try:
            cli.main()
        except SystemExit as error:
            code = error.code
        return code, *capsys.readouterr()

    return run


@pytest.fixture(scope="session")
def browse(tmp_path_factory):
    """A function that opens an address in chromium; returns the page's HTML, and the console."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("there is no chromium")
    folder = tmp_path_factory.mktemp("browser")

    def open_page(address: str, seconds: int = 5) -> tuple[str, str]:
        done = subprocess.run(
            [
                chromium,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--enable-logging=stderr",
                f"--virtual-time-budget={1000 * seconds}",
                f"--user-data-dir={folder / 'profile'}",
                "--window-size=1600,1000",
                "--dump-dom",
                address,
            ],
            capture_output=True,
            text=True,
            timeout=240,
            check=True,
            env={**os.environ, "HOME": str(folder)},
        )
        return done.stdout, done.stderr

    return open_page


@pytest.fixture(scope="session")
def look_at(browse, tmp_path_factory):
    """A function that has the browser use a page, in a frame of some width.

    It returns what the frame's script found, and the console.
    """
    folder = tmp_path_factory.mktemp("pages")

    def use(page: str, width: int) -> tuple[dict[str, Any], str]:
        file = folder / "frame.html"
        file.write_text(_FRAME.format(width=width, page=html.escape(page)), "utf-8")
        shown, console = browse(file.as_uri())
        told = re.search(r"<output>(.*?)</output>", shown, re.DOTALL)
        assert told, console[-2000:]
        return json.loads(html.unescape(told.group(1))), console

    return use


@pytest.fixture(scope="session")
def fresh_database(tmp_path_factory):
    """A database with MLflow's tables and no runs; to create one takes seconds."""
    path = tmp_path_factory.mktemp("template") / "mlflow.db"
    # The default experiment has its artifacts in the current folder.
    with contextlib.chdir(path.parent):
        connect(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """Address of a server on loopback that is there for the tests alone, without a database name."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not programs:
        pytest.skip("Debian's package postgresql is not installed")
    # PostgreSQL does not run as root.
    user = "postgres" if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="postgresql-"))
    if user:
        shutil.chown(folder, user)
    port = _free_port()

    def call(program: str, *arguments: str) -> None:
        subprocess.run(
            [programs[-1] / program, *arguments],
            cwd=folder,
            user=user,
            check=True,
            stdout=subprocess.DEVNULL,
        )

    data = str(folder / "data")
    call("initdb", "--pgdata", data, "--auth=trust", "--username=tester", "--no-sync")
    settings = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={folder}"
    call(
        "pg_ctl", "--pgdata", data, "--wait", "--log", str(folder / "log"), "-o", settings, "start"
    )
    try:
        yield f"postgresql://tester@127.0.0.1:{port}"
    finally:
        call("pg_ctl", "--pgdata", data, "--mode=immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def new_database(postgresql: str) -> Callable[[], str]:
    """A function that makes a database and gives its address."""

    def make() -> str:
        name = f"test_{secrets.token_hex(4)}"
        engine = sqlalchemy.create_engine(f"{postgresql}/postgres", isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(sqlalchemy.text(f"CREATE DATABASE {name}"))
        engine.dispose()
        return f"{postgresql}/{name}"

    return make


@pytest.fixture(scope="session")
def run_server(forks):
    """A context manager that runs ``python -m mlflow ...`` until it is left."""
    return functools.partial(_run_server, forks)


@contextlib.contextmanager
def _run_server(forks, arguments, folder, health, **variables):
    port = _free_port()
    # MLflow looks for uvicorn on the PATH, which an environment need not be on.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    with Path(folder, "server.log").open("wb") as log:
        process = forks.start(
            [sys.executable, "-m", "mlflow", *arguments, "--port", str(port)],
            cwd=folder,
            env={**os.environ, "PATH": path, **variables},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_for_answer(address + health, process)
        yield address, process
    finally:
        _stop(process)


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_for_answer(url, process, seconds=90):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        assert process.poll() is None, f"the server at {url} ended"
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"no answer from {url} in {seconds} s")


def _stop(process):
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
