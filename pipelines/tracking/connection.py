"""Finding the tracking store and the run to write to, or saying quickly why not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import sqlalchemy
from mlflow import MlflowClient
from mlflow.entities import Run
from mlflow.exceptions import MlflowException
from mlflow.tracking.context.registry import resolve_tags
from mlflow.utils.mlflow_tags import MLFLOW_RUN_NAME

from pipelines.errors import InputError
from pipelines.passwords import hide_password
from pipelines.tracking.address import reason_of
from pipelines.tracking.environment import environment_variables
from pipelines.tracking.quiet import quiet

__all__ = ["connect", "open_parent_run"]

_SECONDS_TO_ANSWER = 8
_NAME_MADE_UP = re.compile(r"[a-z]+-[a-z]+-\d+")
_MODEL_TRAINING = ("mlflow.experimentKind", "custom_model_development")


def connect(tracking_uri: str) -> MlflowClient:
    """Make a client of a tracking server or database, and see that it answers.

    Parameters
    ----------
    tracking_uri : str
        Address of a server, or of a database, which is created where it is a new file.

    Raises
    ------
    InputError
        If there is no answer within some seconds, or a refusal.
    """
    with _usable(tracking_uri), quiet():
        if not tracking_uri.startswith(("http://", "https://", "databricks")):
            _try_database(tracking_uri)
        client = MlflowClient(tracking_uri=tracking_uri)
        client.search_experiments(max_results=1)
    return client


def open_parent_run(
    client: MlflowClient,
    *,
    experiment: str,
    run_name: str | None = None,
    run_id: str | None = None,
    experiment_id: str | None = None,
) -> Run:
    """Take the run that ``mlflow run`` handed over, or begin one.

    Parameters
    ----------
    client : mlflow.MlflowClient
    experiment : str
        Name of the experiment, created where it is new.
    run_name : str, optional
        Name of the run that is begun. A handed-over run keeps its own, unless MLflow made that
        up.
    run_id, experiment_id : str, optional
        What was handed over; see
        :func:`pipelines.tracking.handed_over.take_handed_over`.

    Returns
    -------
    mlflow.entities.Run
    """
    with _usable(client.tracking_uri):
        if run_id is not None:
            parent = client.get_run(run_id)
            if run_name and _NAME_MADE_UP.fullmatch(parent.info.run_name):
                client.set_tag(run_id, MLFLOW_RUN_NAME, run_name)
        else:
            experiment_id = experiment_id or _experiment_id(client, experiment)
            parent = client.create_run(experiment_id, tags=resolve_tags(), run_name=run_name)
        # So that the UI opens the experiment as model training, not as generative AI.
        with suppress(MlflowException):  # another search may be setting it at this moment
            client.set_experiment_tag(parent.info.experiment_id, *_MODEL_TRAINING)
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


def _try_database(uri: str) -> None:
    """Open a connection once; MLflow would try ten times, over minutes."""
    url = sqlalchemy.make_url(uri)
    if url.get_backend_name() == "sqlite" and url.database:
        Path(url.database).absolute().parent.mkdir(parents=True, exist_ok=True)
    waits = url.get_backend_name() in ("postgresql", "mysql")
    arguments = {"connect_timeout": _SECONDS_TO_ANSWER} if waits else {}
    engine = sqlalchemy.create_engine(url, connect_args=arguments)
    try:
        with engine.connect():
            pass
    finally:
        engine.dispose()


@contextmanager
def _usable(tracking_uri: str) -> Iterator[None]:
    """Turn whatever a store answers, or its silence, into one sentence."""
    # MLflow's own patience with a server that is away is minutes.
    impatience = environment_variables(
        MLFLOW_HTTP_REQUEST_MAX_RETRIES="0",
        MLFLOW_HTTP_REQUEST_TIMEOUT=str(_SECONDS_TO_ANSWER),
    )
    try:
        with impatience:
            yield
    except InputError:
        raise
    except Exception as error:
        raise InputError(
            f"MLflow cannot use {hide_password(tracking_uri)} for tracking "
            f"({reason_of(error)}): start the server, or set MLFLOW_TRACKING_URI to another one."
        ) from error
