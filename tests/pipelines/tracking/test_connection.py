"""Finding the store, and saying quickly and clearly why it cannot be used."""

import os
import re
import shutil
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from pipelines.errors import InputError
from pipelines.passwords import hide_password
from pipelines.tracking.address import default_tracking_uri
from pipelines.tracking.connection import connect, open_parent_run


def refused_address():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


def test_the_default_store_is_a_file_in_this_folder(tmp_path):
    assert default_tracking_uri() == f"sqlite:///{tmp_path}/mlflow.db"


def test_the_environment_names_another_store(monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:5000")
    assert default_tracking_uri() == "http://127.0.0.1:5000"


def test_a_new_database_file_is_made_without_a_word(tmp_path, capfd):
    client = connect(f"sqlite:///{tmp_path}/new/mlflow.db")
    assert client.get_experiment_by_name("Default") is not None
    assert capfd.readouterr() == ("", "")


FIRST = """
import sys, time
from pathlib import Path
from pipelines.tracking.connection import connect

Path(sys.argv[2]).touch()
while len(list(Path().glob("ready*"))) < 3:
    time.sleep(0.001)
connect(sys.argv[1])
"""


@pytest.mark.slow
def test_several_processes_create_one_database_at_the_same_time(tmp_path, forks):
    root = Path(sys.modules["pipelines"].__file__).parents[1]
    address = f"sqlite:///{tmp_path}/mlflow.db"
    processes = [
        forks.start(
            [sys.executable, "-c", FIRST, address, f"ready{number}"],
            env={**os.environ, "PYTHONPATH": str(root)},
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(3)
    ]
    assert [process.communicate(timeout=120)[1] for process in processes] == ["", "", ""]
    assert connect(address).get_experiment_by_name("Default") is not None


def test_one_at_a_time_creates_the_tables(tmp_path, monkeypatch, fresh_database):
    """As of two first searches in a fresh folder, where the second waits for the first."""
    both = threading.Barrier(2)
    met = []

    def fill(file, tables):
        with suppress(threading.BrokenBarrierError):
            met.append(both.wait(timeout=1))
        if not file.stat().st_size:
            shutil.copy(fresh_database, file)

    monkeypatch.setattr("pipelines.tracking.connection._fill", fill)
    with ThreadPoolExecutor(2) as pool:
        clients = [*pool.map(connect, [f"sqlite:///{tmp_path}/mlflow.db"] * 2)]
    assert met == []
    assert {client.get_experiment_by_name("Default").experiment_id for client in clients} == {"0"}


@pytest.mark.timeout(60)  # MLflow itself tries for minutes
def test_a_server_that_is_not_there_is_one_quick_sentence():
    address = refused_address()
    with pytest.raises(InputError) as raised:
        connect(address)
    assert str(raised.value) == (
        f"MLflow cannot use {address} for tracking (Connection refused): start the server, or "
        "set MLFLOW_TRACKING_URI to another one."
    )


@pytest.mark.timeout(60)
def test_a_server_that_says_nothing_is_given_up_soon(monkeypatch):
    monkeypatch.setattr("pipelines.tracking.connection._SECONDS_TO_ANSWER", 1)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        with pytest.raises(InputError, match=r"for tracking \(timed out\)"):
            connect(f"http://127.0.0.1:{silent.getsockname()[1]}")


def test_the_own_settings_of_patience_come_back(monkeypatch):
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "5")
    with pytest.raises(InputError):
        connect(refused_address())
    assert os.environ["MLFLOW_HTTP_REQUEST_MAX_RETRIES"] == "5"
    assert "MLFLOW_HTTP_REQUEST_TIMEOUT" not in os.environ


@pytest.mark.timeout(60)
def test_a_file_that_is_no_database_is_one_quick_sentence(tmp_path):
    (tmp_path / "mlflow.db").write_text("not a database, but long enough to be looked at" * 50)
    with pytest.raises(InputError, match="file is not a database"):
        connect(f"sqlite:///{tmp_path}/mlflow.db")


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path):
    (tmp_path / "taken").write_text("")
    with pytest.raises(InputError, match=r"taken/mlflow.db for tracking \(File exists\)"):
        connect(f"sqlite:///{tmp_path}/taken/mlflow.db")


def test_an_address_of_an_unknown_kind_is_one_sentence():
    with pytest.raises(InputError, match=r"MLflow cannot use nonsense for tracking"):
        connect("nonsense")


def test_passwords_are_not_shown():
    address = refused_address().replace("//", "//ann:secret@")
    with pytest.raises(InputError, match=re.escape("http://***@127.0.0.1")) as raised:
        connect(address)
    assert "secret" not in str(raised.value)
    assert hide_password("at mysql://u:p@host/db, no") == "at mysql://***@host/db, no"
    assert hide_password("a.journal") == "a.journal"
    assert hide_password("sqlite:///a.db") == "sqlite:///a.db"


def test_a_new_run_in_a_new_experiment(client):
    run = open_parent_run(client, experiment="digits", run_name="first")
    assert (run.info.run_name, run.info.status) == ("first", "RUNNING")
    assert client.get_experiment(run.info.experiment_id).name == "digits"
    assert "mlflow.source.name" in run.data.tags
    again = open_parent_run(client, experiment="digits")
    assert again.info.experiment_id == run.info.experiment_id


def test_the_run_that_mlflow_run_has_begun_is_taken(client):
    given = client.create_run(client.create_experiment("project"), run_name="given")
    taken = open_parent_run(
        client,
        experiment="digits",
        run_name="mine",
        run_id=given.info.run_id,
        experiment_id=given.info.experiment_id,
    )
    assert taken.info.run_id == given.info.run_id
    assert taken.info.experiment_id == given.info.experiment_id
    assert client.get_run(given.info.run_id).info.run_name == "given"
    assert client.get_experiment_by_name("digits") is None


def test_a_name_that_mlflow_generated_is_replaced(client):
    given = client.create_run("0")
    open_parent_run(client, experiment="digits", run_name="grid", run_id=given.info.run_id)
    assert client.get_run(given.info.run_id).info.run_name == "grid"


def test_the_experiment_of_the_environment_is_taken(client):
    experiment_id = client.create_experiment("project")
    run = open_parent_run(client, experiment="digits", experiment_id=experiment_id)
    assert run.info.experiment_id == experiment_id


def test_a_run_in_the_environment_that_does_not_exist_is_one_sentence(client):
    with pytest.raises(InputError, match="0123"):
        open_parent_run(client, experiment="digits", run_id="0123")


def test_a_deleted_experiment_is_not_written_to(client):
    experiment_id = client.create_experiment("digits")
    client.delete_experiment(experiment_id)
    message = f"'digits' has been deleted.*--experiment-id {experiment_id}`"
    with pytest.raises(InputError, match=message):
        open_parent_run(client, experiment="digits")
