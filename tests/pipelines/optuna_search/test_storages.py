from __future__ import annotations

import gc
import socket
import subprocess
import sys
import threading

import optuna
import pytest
import sqlalchemy
from optuna.storages import InMemoryStorage, JournalStorage, RDBStorage

from pipelines import InputError
from pipelines.optuna_search.storages import open_storage, persistently

CREATE = """
import optuna, sys
from pipelines.optuna_search.storages import open_storage, persistently
optuna.logging.set_verbosity(optuna.logging.ERROR)
for line in sys.stdin:
    storage = open_storage(line.strip())
    study = persistently(
        lambda: optuna.create_study(storage=storage, study_name="one", load_if_exists=True)
    )
    study.enqueue_trial({})
    print("done", flush=True)
"""


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        (None, InMemoryStorage),
        ("{}/a.journal", JournalStorage),
        ("sqlite:///{}/a.db", RDBStorage),
    ],
)
@pytest.mark.filterwarnings("error")
def test_by_address(tmp_path, address, kind):
    address = address and address.format(tmp_path)
    storage = open_storage(address)
    assert isinstance(storage, kind)
    optuna.create_study(storage=storage, study_name="one").enqueue_trial({})
    if address:
        again = optuna.load_study(study_name="one", storage=open_storage(address))
        assert len(again.trials) == 1


def test_a_database_hears_heartbeats(tmp_path):
    storage = open_storage(f"sqlite:///{tmp_path}/a.db")
    assert storage.get_heartbeat_interval() < storage.grace_period
    assert storage.get_heartbeat_stale_trial_callback() is not None


@pytest.mark.filterwarnings("error")
def test_a_database_that_is_no_longer_wanted_is_left(new_database):
    address = new_database()
    study = optuna.create_study(storage=open_storage(address), study_name="one")
    study.enqueue_trial({})
    del study
    gc.collect()  # psycopg would warn of an open connection
    with sqlalchemy.create_engine(address, poolclass=sqlalchemy.NullPool).connect() as connection:
        query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        assert connection.execute(sqlalchemy.text(query)).scalar() == 1


@pytest.mark.filterwarnings("ignore::optuna.exceptions.ExperimentalWarning")
def test_a_proxy(tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    backing = open_storage(f"{tmp_path}/a.journal")
    serve = threading.Thread(
        target=optuna.storages.run_grpc_proxy_server,
        args=(backing,),
        kwargs={"host": "127.0.0.1", "port": port},
        daemon=True,
    )
    serve.start()
    optuna.create_study(
        storage=open_storage(f"grpc://127.0.0.1:{port}"), study_name="one"
    ).enqueue_trial({})
    assert len(optuna.load_study(study_name="one", storage=backing).trials) == 1


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("study.db", r"study\.db looks like a database .* write sqlite:///study\.db for the one"),
        ("grpc://host", r"grpc://host has no port; write grpc://host:port"),
        ("nonsense://", r"The storage nonsense:// is not the address of any database"),
        (
            "sqlite:////none/such/a.db",
            r"a\.db cannot be opened, for there is no folder /none/such;",
        ),
        ("/none/such/a.journal", r"a\.journal cannot be opened: No such file or directory\.$"),
        (
            "postgresql+nodriver://ann:secret@host/study",
            r"The storage postgresql\+nodriver://\*\*\*@host/study is not the address",
        ),
    ],
)
def test_mistakes(address, message):
    with pytest.raises(InputError, match=message) as caught:
        open_storage(address)
    assert "secret" not in str(caught.value)


def test_a_file_that_is_no_database(tmp_path, monkeypatch):
    monkeypatch.setattr(persistently, "stop", lambda state: True)
    (tmp_path / "a.db").write_text("no database", "utf-8")
    with pytest.raises(InputError, match=r"a\.db cannot be opened: .*not a database"):
        open_storage(f"sqlite:///{tmp_path}/a.db")


def test_what_keeps_failing_is_raised_in_the_end(monkeypatch):
    monkeypatch.setattr(persistently, "stop", lambda state: state.attempt_number >= 3)
    attempts = []

    def fail():
        attempts.append(1)
        raise optuna.exceptions.DuplicatedStudyError("there")

    with pytest.raises(optuna.exceptions.DuplicatedStudyError):
        persistently(fail)
    assert len(attempts) == 3


@pytest.mark.slow
def test_two_processes_may_create_the_same_database(tmp_path, forks):
    processes = [
        forks.start(
            [sys.executable, "-c", CREATE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    for attempt in range(6):
        address = f"sqlite:///{tmp_path}/{attempt}.db"
        for process in processes:
            process.stdin.write(address + "\n")
            process.stdin.flush()
        assert [process.stdout.readline() for process in processes] == ["done\n"] * 2
        study = optuna.load_study(study_name="one", storage=address)
        assert [trial.number for trial in study.trials] == [0, 1]
    for process in processes:
        process.communicate()
