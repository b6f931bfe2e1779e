from __future__ import annotations

import socket
import subprocess
import sys

import pytest
from click.testing import CliRunner

from pipelines import InputError
from pipelines.cli.ui import how_to_look, ui


@pytest.fixture
def served(monkeypatch):
    """What would have been run, on stores without a search."""
    calls = []
    monkeypatch.setattr("pipelines.tracking.searches.newest_view", lambda address: None)

    def run(command, env, check):
        calls.append((command, env))
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(subprocess, "run", run)
    return calls


def test_the_store_that_is_recorded_to(served, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "postgresql://ann:secret@host/mlflow")
    result = CliRunner().invoke(ui, ["--port", "5050"])
    assert result.output == "Open http://127.0.0.1:5050 (Ctrl-C ends it)\n"
    ((command, env),) = served
    assert command[:4] == [sys.executable, "-m", "mlflow", "server"]
    assert "5050" in command
    assert "secret" not in " ".join(command)
    assert env["MLFLOW_BACKEND_STORE_URI"] == "postgresql://ann:secret@host/mlflow"


def test_a_server_shows_itself(served, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://ann:secret@tracking:5000")
    result = CliRunner().invoke(ui)
    assert (
        result.output == "The records are at http://***@tracking:5000, which shows them itself.\n"
    )
    assert served == []


def test_the_newest_search_is_named(served, monkeypatch):
    view = "http://127.0.0.1:5000/#/experiments/1/runs?viewStateShareKey=0123"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "sqlite:///mlflow.db")
    monkeypatch.setattr("pipelines.tracking.searches.newest_view", lambda address: view)
    told = CliRunner().invoke(ui, ["--port", "5050"]).output.splitlines()
    assert told == [
        "Open http://127.0.0.1:5050 (Ctrl-C ends it)",
        "The newest search: http://127.0.0.1:5050/#/experiments/1/runs?viewStateShareKey=0123",
    ]


def test_a_port_that_is_taken(served, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "sqlite:///mlflow.db")
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        result = CliRunner().invoke(ui, ["--port", str(port)])
    assert isinstance(result.exception, InputError)
    assert f"Something else answers at http://127.0.0.1:{port} already" in str(result.exception)
    assert (result.output, served) == ("", [])


def test_how_to_look(monkeypatch):
    monkeypatch.delenv("MAKELEVEL", raising=False)
    monkeypatch.setenv("PATH", "")
    store = "sqlite:///mlflow.db"
    assert how_to_look(store) == f"To look at it: {sys.executable} -m pipelines ui"
    monkeypatch.setattr("shutil.which", lambda name: f"/bin/{name}")
    assert how_to_look(store) == "To look at it: mlp ui"
    monkeypatch.setenv("MAKELEVEL", "1")
    assert how_to_look(store) == "To look at it: make ui"
    assert how_to_look(store, "http://here") == (
        "To look at it: make ui, and in a browser\nhttp://here"
    )
    assert how_to_look("https://tracking", "https://tracking/#/1") == (
        "To look at it: https://tracking/#/1"
    )
    assert how_to_look("https://tracking") == "To look at it: https://tracking"
