"""The tables of a new database, made aside."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing

import pytest
from mlflow import MlflowClient

from pipelines.tracking.new_database import NewTables, database_file


@pytest.fixture
def tables(monkeypatch, tmp_path):
    """Tables whose temporary folder is in the test's."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    tables = NewTables()
    yield tables
    tables.remove()


def n_runs(file):
    with closing(sqlite3.connect(file)) as database:
        return database.execute("SELECT count(*) FROM runs").fetchone()[0]


def test_they_are_made_once_and_are_what_mlflow_would_have_made(tables, tmp_path, fresh_database):
    tables.copy_to(tmp_path / "one.db")
    made = tables.make()
    tables.copy_to(tmp_path / "other.db")
    assert tables.make() == made

    def schema(file):
        with closing(sqlite3.connect(file)) as database:
            found = dict(database.execute("SELECT name, sql FROM sqlite_master").fetchall())
        # MLflow writes the constraints of a table in an order that differs from time to time.
        return {name: sorted(re.findall(r"\w+", sql or "")) for name, sql in found.items()}

    expected = schema(fresh_database)
    assert schema(tmp_path / "one.db") == schema(tmp_path / "other.db") == expected
    client = MlflowClient(f"sqlite:///{tmp_path / 'one.db'}")
    (default,) = client.search_experiments()
    assert default.artifact_location == str(tmp_path / "mlruns/0")


def test_a_database_that_has_tables_stays_as_it_is(tables, client, tmp_path):
    client.create_run("0")
    tables.copy_to(tmp_path / "mlflow.db")
    assert n_runs(tmp_path / "mlflow.db") == 1
    assert not list((tmp_path / "temporary").iterdir())  # none were made


def test_a_file_that_is_no_database_is_left_alone(tables, tmp_path):
    (tmp_path / "text.db").write_text("This is a text, and it is longer than a header." * 10)
    with pytest.raises(sqlite3.DatabaseError, match="not a database"):
        tables.copy_to(tmp_path / "text.db")


def test_the_temporary_file_is_removed(tables, tmp_path):
    tables.make()
    assert list((tmp_path / "temporary").iterdir())
    tables.remove()
    assert not list((tmp_path / "temporary").iterdir())


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("sqlite:////data/runs.db", "/data/runs.db"),
        ("sqlite:///runs.db", "{folder}/runs.db"),
        ("sqlite:///:memory:", None),
        ("sqlite://", None),
        ("postgresql://host/name", None),
        ("http://127.0.0.1:5000", None),
    ],
)
def test_the_file_of_a_database(address, name, tmp_path):
    found = database_file(address)
    assert (found and str(found)) == (name and name.format(folder=tmp_path))
