"""The connection to MLflow and the run to write to, or a quick sentence on why there is none."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import filelock
import sqlalchemy
from mlflow import MlflowClient
from mlflow.entities import Run
from mlflow.exceptions import MlflowException

from pipelines.errors import InputError
from pipelines.passwords import hide_password
from pipelines.tracking._mlflow import (
    MODEL_TRAINING_TAG,
    has_generated_name,
    quiet,
    resolve_run_tags,
)
from pipelines.tracking.address import describe_error
from pipelines.tracking.environment import environment_variables
from pipelines.tracking.new_database import NewTables, database_file

__all__ = ["connect", "open_parent_run"]

_SECONDS_TO_ANSWER = 8


def connect(tracking_uri: str, tables: NewTables | None = None) -> MlflowClient:
    """Make a client of a tracking server or database that answers.

    Parameters
    ----------
    tracking_uri : str
        Address of a server, or of a database, which is created where it is a new file.
    tables : NewTables, optional
        Tables for a new file, where they have been made ahead.

    Raises
    ------
    InputError
        If there is no answer within some seconds, or a refusal.
    """
    with _usable(tracking_uri), quiet():
        if tracking_uri.startswith(("http://", "https://", "databricks")):
            client = MlflowClient(tracking_uri=tracking_uri)
        else:
            # Of two processes that create the tables of one database at the same time, one dies.
            with _try_database(sqlalchemy.make_url(tracking_uri)):
                if file := database_file(tracking_uri):
                    _fill(file, tables)
                client = MlflowClient(tracking_uri=tracking_uri)
        client.search_experiments(max_results=1)
    return client


def _fill(file: Path, tables: NewTables | None) -> None:
    """Put MLflow's tables into a database that has none."""
    own = NewTables()
    try:
        (tables or own).copy_to(file)
    finally:
        own.remove()


def open_parent_run(
    client: MlflowClient,
    *,
    experiment: str,
    run_name: str | None = None,
    run_id: str | None = None,
    experiment_id: str | None = None,
    tags: Mapping[str, str] | None = None,
) -> Run:
    """Begin the run of a search, or take the one that ``mlflow run`` has begun.

    Parameters
    ----------
    client : mlflow.MlflowClient
    experiment : str
        Name of the experiment, created where it is new.
    run_name : str, optional
        Name of the run. One that `mlflow run` has begun keeps its own, unless MLflow generated
        that.
    run_id, experiment_id : str, optional
        Of the run that ``mlflow run`` has begun, and of the experiment to use; see
        :func:`pipelines.tracking.environment.take_active_run`.
    tags : mapping of str to str, optional
        Further tags of the run.

    Returns
    -------
    mlflow.entities.Run
    """
    with _usable(client.tracking_uri):
        if run_id is not None:
            parent = client.get_run(run_id)
            if run_name and has_generated_name(parent):
                client.update_run(run_id, name=run_name)
            for name, value in (tags or {}).items():
                client.set_tag(run_id, name, value)
        else:
            experiment_id = experiment_id or _experiment_id(client, experiment)
            parent = client.create_run(
                experiment_id, tags={**resolve_run_tags(), **(tags or {})}, run_name=run_name
            )
        # So that the UI opens the experiment as model training, not as generative AI.
        with suppress(MlflowException):  # another search may be setting it at this moment
            client.set_experiment_tag(parent.info.experiment_id, *MODEL_TRAINING_TAG)
        return parent


def _experiment_id(client: MlflowClient, name: str) -> str:
    found = client.get_experiment_by_name(name)
    if found is None:
        try:
            return client.create_experiment(name)
        except MlflowException:
            # Another search may just have created it.
            found = client.get_experiment_by_name(name)
            if found is None:
                raise
    if found.lifecycle_stage != "active":
        raise InputError(
            f"The MLflow experiment {name!r} has been deleted: choose another name, or restore "
            f"it with `mlflow experiments restore --experiment-id {found.experiment_id}`."
        )
    return found.experiment_id


def _try_database(url: sqlalchemy.URL) -> filelock.BaseFileLock:
    """Open a connection once, where MLflow would try ten times, over minutes.

    Returns
    -------
    BaseFileLock
        For whoever may create its tables; on this machine all take the same.
    """
    if url.get_backend_name() == "sqlite" and url.database:
        path = Path(url.database).absolute()
        path.parent.mkdir(parents=True, exist_ok=True)
        url = url.set(database=str(path))
    waits = url.get_backend_name() in ("postgresql", "mysql")
    arguments = {"connect_timeout": _SECONDS_TO_ANSWER} if waits else {}
    engine = sqlalchemy.create_engine(url, connect_args=arguments)
    try:
        with engine.connect():
            pass
    finally:
        engine.dispose()
    name = hashlib.sha256(str(url).encode()).hexdigest()[:16]
    return filelock.FileLock(Path(tempfile.gettempdir(), f"mlflow-{name}.lock"), mode=0o666)


@contextmanager
def _usable(tracking_uri: str) -> Iterator[None]:
    """Turn every error, or no answer at all, into one sentence."""
    # MLflow itself waits minutes for a server that is away.
    short_waits = environment_variables(
        MLFLOW_HTTP_REQUEST_MAX_RETRIES="0",
        MLFLOW_HTTP_REQUEST_TIMEOUT=str(_SECONDS_TO_ANSWER),
    )
    try:
        with short_waits:
            yield
    except InputError:
        raise
    except Exception as error:
        raise InputError(
            f"MLflow cannot use {hide_password(tracking_uri)} for tracking "
            f"({describe_error(error)}): start the server, or set MLFLOW_TRACKING_URI to another one."
        ) from error
