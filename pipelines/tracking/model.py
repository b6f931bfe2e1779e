"""A fitted pipeline as an MLflow model, and back."""

from __future__ import annotations

import json
import re
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import mlflow.artifacts
import mlflow.pyfunc
import numpy as np
import pandas as pd
from mlflow.entities import LoggedModel, LoggedModelOutput, Metric
from mlflow.exceptions import MlflowException
from mlflow.models import Model, ModelSignature, infer_signature
from mlflow.types import ColSpec, DataType, Schema
from mlflow.types.schema import AnyType
from sklearn.base import is_classifier

from pipelines.errors import InputError
from pipelines.passwords import hide_password
from pipelines.tracking._mlflow import quiet, requirements_unchecked
from pipelines.tracking.address import default_tracking_uri
from pipelines.tracking.connection import connect
from pipelines.tracking.environment import environment_variables
from pipelines.tracking.metrics import finite_metrics
from pipelines.tracking.pipeline_file import dump_pipeline, read_pipeline

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from sklearn.pipeline import Pipeline

    from pipelines.input_statistics import ColumnStatistics
    from pipelines.tracker import Measured

__all__ = ["TrackedModel", "load_model", "load_pipeline", "log_pipeline", "logged_model"]

_NAME = "model"
_RUNS = "runs:/"
_ADDRESS = "models:/"
_PIPELINE_FILE = "pipeline.skops"
_STATISTICS_FILE = "input_statistics.json"
_CODE = ("estimators", "pipelines")
# What the code of these packages imports as the model is loaded, but for what these bring.
_REQUIREMENTS = (
    "keras",
    "lazy-loader",
    "mlflow",
    "numpy",
    "pandas",
    "pooch",
    "psutil",
    "scikeras",
    "scikit-learn",
    "scipy",
    "skops",
    "tensorflow",
)
_EXAMPLE_ROWS = 5


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
    name: str = _NAME,
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
    complete_first = pd.concat([X_example.dropna(), X_example])
    example = complete_first.head(_EXAMPLE_ROWS).reset_index(drop=True)
    with tempfile.TemporaryDirectory() as folder:
        pipeline_file = Path(folder, _PIPELINE_FILE)
        dump_pipeline(pipeline, pipeline_file)
        artifacts = {"pipeline": str(pipeline_file)}
        if statistics is not None:
            from pipelines.input_statistics import write_statistics

            artifacts["input_statistics"] = str(Path(folder, _STATISTICS_FILE))
            content = json.dumps(write_statistics(statistics))
            Path(folder, _STATISTICS_FILE).write_text(content, encoding="utf-8")
        logged = client.create_logged_model(
            client.get_run(run_id).info.experiment_id,
            name=re.sub(r"[/:.%\"']", "-", name) or _NAME,
            source_run_id=run_id,
            params=dict(params),
            model_type="classifier" if is_classifier(pipeline) else "regressor",
        )
        try:
            # uv's own lock file of the folder that this runs in is not the model's.
            with (
                quiet(),
                requirements_unchecked(),
                environment_variables(MLFLOW_UV_AUTO_DETECT="false"),
            ):
                # Not by `mlflow.sklearn`, though it has skops too: its models vouch for their own
                # types, so that MLflow loads none where MLFLOW_ALLOW_PICKLE_DESERIALIZATION is
                # false, and each serves one method, chosen as it is saved.
                mlflow.pyfunc.save_model(
                    Path(folder, _NAME),
                    mlflow_model=Model(
                        artifact_path=logged.artifact_location,
                        model_uuid=logged.model_id,
                        run_id=run_id,
                        model_id=logged.model_id,
                    ),
                    python_model=str(Path(__file__).with_name("served_model.py")),
                    artifacts=artifacts,
                    code_paths=_code_paths(),
                    pip_requirements=_pinned_requirements(),
                    signature=_signature(pipeline, example),
                    input_example=example,
                )
                client.log_model_artifacts(logged.model_id, str(Path(folder, _NAME)))
        except BaseException:
            client.finalize_logged_model(logged.model_id, "FAILED")
            raise
    client.finalize_logged_model(logged.model_id, "READY")
    client.log_outputs(run_id, [LoggedModelOutput(logged.model_id, step=0)])
    metrics = [
        Metric(*metric, logged.model_id, one.name, one.digest, run_id)
        for one in measured
        for metric in finite_metrics(one.scores, time.time())
    ]
    client.log_batch(run_id, metrics)
    return f"{_ADDRESS}{logged.model_id}"


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
            return TrackedModel(read_pipeline(folder), None)
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
        if not (folder / _PIPELINE_FILE).is_file():
            raise InputError(
                f"There is no model in the folder {model}; give the folder of a model, which holds "
                f"the file MLmodel and in artifacts {_PIPELINE_FILE}."
            )
        pipeline = read_pipeline(folder / _PIPELINE_FILE)
        statistics = folder / _STATISTICS_FILE
        content = json.loads(statistics.read_text("utf-8")) if statistics.is_file() else None
        return TrackedModel(pipeline, None if content is None else read_statistics(content))


def logged_model(client: MlflowClient, model: str) -> LoggedModel:
    """Find a model by its address in a store, see :func:`load_model`.

    Raises
    ------
    InputError
    """
    bare = model.removeprefix(_ADDRESS)
    try:
        if registered := re.fullmatch(r"([^@/]+)@([^@/]+)", bare):
            version = client.get_model_version_by_alias(*registered.groups())
            return client.get_logged_model(str(version.source).removeprefix(_ADDRESS))
        if registered := re.fullmatch(r"([^@/:]+)/(\d+)", bare):
            version = client.get_model_version(*registered.groups())
            return client.get_logged_model(str(version.source).removeprefix(_ADDRESS))
        if model.startswith(_ADDRESS):
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


def _signature(pipeline: Pipeline, example: pd.DataFrame) -> ModelSignature:
    columns = Schema([ColSpec(_column_type(example[name]), name) for name in example])
    outputs = infer_signature(model_output=np.asarray(pipeline.predict(example))).outputs
    params = infer_signature(example, params={"predict_method": "predict"}).params
    return ModelSignature(inputs=columns, outputs=outputs, params=params)


def _column_type(column: pd.Series) -> DataType | AnyType:
    """Choose what MLflow makes of a column before the pipeline sees it.

    Of whole numbers, booleans and dates, nothing: MLflow would refuse a request in which one is
    missing, or take a missing boolean for False. The pipeline knows what to do with them.
    """
    if pd.api.types.is_datetime64_any_dtype(column):
        return AnyType()
    if pd.api.types.is_float_dtype(column):
        return DataType.double
    return AnyType() if pd.api.types.is_numeric_dtype(column) else DataType.string


def _code_paths() -> list[str]:
    specs = [find_spec(package) for package in _CODE]
    return [path for spec in specs if spec for path in spec.submodule_search_locations or ()]


def _pinned_requirements() -> list[str]:
    return [f"{package}=={metadata.version(package)}" for package in _REQUIREMENTS]
