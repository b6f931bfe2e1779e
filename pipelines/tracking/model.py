"""A fitted pipeline as an MLflow model, and back."""

from __future__ import annotations

import json
import re
import tempfile
import time
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import mlflow.artifacts
from mlflow.exceptions import MlflowException

from pipelines.errors import InputError
from pipelines.passwords import hide_password
from pipelines.tracking._mlflow import quiet
from pipelines.tracking.address import default_tracking_uri
from pipelines.tracking.connection import connect
from pipelines.tracking.model_files import PIPELINE_FILE, STATISTICS_FILE, write_model
from pipelines.tracking.pipeline_file import read_pipeline
from pipelines.tracking.saved_model import MODEL_ADDRESS, save_model

if TYPE_CHECKING:
    import pandas as pd
    from mlflow import MlflowClient
    from mlflow.entities import LoggedModel
    from sklearn.pipeline import Pipeline

    from pipelines.input_statistics import ColumnStatistics
    from pipelines.tracker import Measured

__all__ = [
    "TrackedModel",
    "load_model",
    "load_pipeline",
    "log_pipeline",
    "logged_model",
    "searched_data",
]

_RUNS = "runs:/"


@dataclass(frozen=True)
class TrackedModel:
    """A model out of the store.

    Attributes
    ----------
    pipeline : sklearn.pipeline.Pipeline
        Fitted.
    statistics : mapping of str to ColumnStatistics, or None
        Of the rows that it was trained on.
    """

    pipeline: Pipeline
    statistics: Mapping[str, ColumnStatistics] | None


def log_pipeline(
    client: MlflowClient,
    run_id: str,
    pipeline: Pipeline,
    X_example: pd.DataFrame,
    statistics: Mapping[str, ColumnStatistics] | None = None,
    *,
    name: str = "model",
    params: Mapping[str, str] = MappingProxyType({}),
    measured: Sequence[Measured] = (),
) -> str:
    """Log a fitted pipeline as the model of a run.

    The model holds the pipeline without pickle, the packages that its steps come from, and
    the pinned versions of what these need: it loads in any folder with
    ``mlflow.pyfunc.load_model`` and is served by ``mlflow models serve``. It predicts labels
    or values, and with ``params={"predict_method": "predict_proba"}`` probabilities.

    Parameters
    ----------
    client : mlflow.MlflowClient
    run_id : str
    pipeline : sklearn.pipeline.Pipeline
        Fitted on a DataFrame.
    X_example : pandas.DataFrame of shape (n_rows, n_columns)
        Some rows of its input; the first ones without a missing value become the example.
    statistics : mapping of str to ColumnStatistics, optional
        Of the rows that it was trained on, to compare others with.
    name : str, default="model"
        Of the model; what MLflow does not take in it is replaced by "-".
    params : mapping of str to str, optional
        Of the model.
    measured : sequence of Measured, optional
        Its scores, each with the data set that it was measured on.

    Returns
    -------
    str
        The model's address, ``models:/<id>``.

    Raises
    ------
    TypeError
        If the pipeline holds objects that cannot be stored without pickle.
    """
    with tempfile.TemporaryDirectory() as parent:
        folder = Path(parent, "files")
        description = write_model(folder, pipeline, X_example, statistics)
        return save_model(
            client,
            run_id,
            folder,
            description,
            at=time.time(),
            name=name,
            params=params,
            measured=measured,
        )


def load_pipeline(model: str, tracking_uri: str | None = None) -> Pipeline:
    """Give back the scikit-learn pipeline of a run.

    Parameters
    ----------
    model : str
        Id of the run that has the model, or another address of it, see :func:`load_model`.
    tracking_uri : str, optional
        Where the run is; by default ``MLFLOW_TRACKING_URI``, else the file ``mlflow.db`` in
        the current folder.

    Returns
    -------
    sklearn.pipeline.Pipeline

    Raises
    ------
    InputError
        If the store does not answer, or has no such run or model.
    """
    return load_model(model, tracking_uri).pipeline


def load_model(model: str, tracking_uri: str | None = None) -> TrackedModel:
    """Give back a model with what is known of it.

    Parameters
    ----------
    model : str
        Id of the run that has it; its address ``runs:/<run id>/<name>`` or ``models:/<model id>``;
        the name of a registered one with an alias or a version, ``name@champion`` or ``name/2``;
        or the path of its folder, or of a file that :func:`dump_pipeline` wrote.
    tracking_uri : str, optional
        Where it is; by default ``MLFLOW_TRACKING_URI``, else the file ``mlflow.db`` in the current
        folder.

    Returns
    -------
    TrackedModel

    Raises
    ------
    InputError
        If the store does not answer, or has no such model.
    """
    from pipelines.input_statistics import read_statistics

    with quiet(), tempfile.TemporaryDirectory() as downloads:
        folder = Path(model).expanduser()
        if folder.is_file():
            return TrackedModel(_of_file(folder), None)
        if not folder.is_dir():
            # By way of the client: with ``runs:/`` addresses MLflow asks the process-wide store.
            client = connect(tracking_uri or default_tracking_uri())
            location = logged_model(client, model).artifact_location
            folder = Path(
                mlflow.artifacts.download_artifacts(
                    artifact_uri=f"{location}/artifacts",
                    dst_path=downloads,
                    tracking_uri=client.tracking_uri,
                )
            )
        elif (folder / "artifacts").is_dir():
            folder /= "artifacts"
        if not (folder / PIPELINE_FILE).is_file():
            raise InputError(
                f"There is no model in the folder {model}; give the folder of a model, which holds "
                f"the file MLmodel and in artifacts {PIPELINE_FILE}."
            )
        pipeline = read_pipeline(folder / PIPELINE_FILE)
        statistics = folder / STATISTICS_FILE
        content = json.loads(statistics.read_text("utf-8")) if statistics.is_file() else None
        return TrackedModel(pipeline, None if content is None else read_statistics(content))


def _of_file(path: Path) -> Pipeline:
    try:
        return read_pipeline(path)
    except (KeyError, zipfile.BadZipFile) as error:
        raise InputError(
            f"The file {path} is no model: give one that dump_pipeline of pipelines.tracking wrote, "
            "the folder of a model, or the id of a run; for init_from load what joblib, pickle or "
            "Keras saved by that, and pass the fitted estimator."
        ) from error


def searched_data(model: str, tracking_uri: str | None = None) -> tuple[str, int] | None:
    """Say from which data set a model of the store comes.

    Parameters
    ----------
    model : str
        Its address, see :func:`load_model`.
    tracking_uri : str, optional
        Where it is; by default ``MLFLOW_TRACKING_URI``, else the file ``mlflow.db`` in the current
        folder.

    Returns
    -------
    tuple of str and int, or None
        The name of the data set, and its number of rows with those that were held out; None where
        that is not recorded.
    """
    if Path(model).expanduser().exists():
        return None
    client = connect(tracking_uri or default_tracking_uri())
    with quiet():
        run_id = logged_model(client, model).source_run_id
        try:
            run = client.get_run(str(run_id))
        except MlflowException:  # it is gone, or the model was logged by none
            return None
    used = [one.dataset for one in (run.inputs.dataset_inputs if run.inputs else [])]
    if not used:
        return None
    return used[0].name, sum(json.loads(one.profile or "{}").get("num_rows", 0) for one in used)


def logged_model(client: MlflowClient, model: str) -> LoggedModel:
    """Find a model by its address in a store, see :func:`load_model`.

    Raises
    ------
    InputError
    """
    bare = model.removeprefix(MODEL_ADDRESS)
    try:
        if registered := re.fullmatch(r"([^@/]+)@([^@/]+)", bare):
            version = client.get_model_version_by_alias(*registered.groups())
            return client.get_logged_model(str(version.source).removeprefix(MODEL_ADDRESS))
        if registered := re.fullmatch(r"([^@/:]+)/(\d+)", bare):
            version = client.get_model_version(*registered.groups())
            return client.get_logged_model(str(version.source).removeprefix(MODEL_ADDRESS))
        if model.startswith(MODEL_ADDRESS):
            return client.get_logged_model(bare)
        run_id, _, name = model.removeprefix(_RUNS).partition("/")
        outputs = client.get_run(run_id).outputs
        logged = [
            client.get_logged_model(each.model_id)
            for each in (outputs.model_outputs if outputs else [])
        ]
    except MlflowException as error:
        raise InputError(
            f"There is no run or model {model!r} at {hide_password(client.tracking_uri)}: give the "
            "id of a run, 'models:/' and the id of a model, a registered name with an alias such as "
            "name@champion, the folder of a model, or another tracking_uri."
        ) from error
    if not logged:
        raise InputError(
            f"The run {model!r} has no model: give the parent run of a search that ended."
        )
    named = [each for each in logged if each.name == name]
    return max(named or logged, key=lambda each: each.creation_timestamp)
