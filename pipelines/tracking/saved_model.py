"""The files of a fitted pipeline as an MLflow model."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping, Sequence
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import mlflow.pyfunc
import pandas as pd
from mlflow.entities import LoggedModel, LoggedModelOutput, Metric, Run
from mlflow.models import Model, ModelSignature, infer_signature
from mlflow.types import ColSpec, DataType, Schema
from mlflow.types.schema import AnyType

from pipelines.tracking._mlflow import quiet, requirements_unchecked
from pipelines.tracking.environment import environment_variables
from pipelines.tracking.metrics import finite_metrics
from pipelines.tracking.model_files import (
    PIPELINE_FILE,
    STATISTICS_FILE,
    example_of,
    predictions_of,
)

if TYPE_CHECKING:
    from mlflow import MlflowClient

    from pipelines.tracker import Measured

__all__ = ["MODEL_ADDRESS", "save_model"]

MODEL_ADDRESS = "models:/"
"""What the address of a model begins with, before its id."""

_NAME = "model"
_CODE = ("estimators", "pipelines")
# What the code of these packages imports as the model is loaded, but for what these bring.
_REQUIREMENTS = (
    "keras",
    "lazy-loader",
    "mlflow",
    "narwhals",
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


def save_model(
    client: MlflowClient,
    run_id: str,
    folder: Path,
    description: Mapping[str, Any],
    *,
    at: float,
    name: str = _NAME,
    params: Mapping[str, str] = MappingProxyType({}),
    measured: Sequence[Measured] = (),
    may_exist: bool = False,
) -> str:
    """Log the files of a pipeline as the model of a run.

    Parameters
    ----------
    client : mlflow.MlflowClient
    run_id : str
    folder : Path
        With the files that :func:`pipelines.tracking.model_files.write_model` has written.
    description : mapping of str to object
        What it returned.
    at : float
        When the scores were measured, in seconds since 1970.
    name : str, default="model"
        Of the model; what MLflow does not take in it is replaced by "-".
    params : mapping of str to str, optional
        Of the model.
    measured : sequence of Measured, optional
        Its scores, each with the data set that it was measured on.
    may_exist : bool, default=False
        Whether an earlier call may have logged it, of which the answer was lost.

    Returns
    -------
    str
        The model's address, ``models:/<id>``.
    """
    name = re.sub(r"[/:.%\"']", "-", name) or _NAME
    run = client.get_run(run_id)
    logged = _existing(client, run, name) if may_exist else None
    if logged is None:
        logged = client.create_logged_model(
            run.info.experiment_id,
            name=name,
            source_run_id=run_id,
            params=dict(params),
            model_type=description["model_type"],
        )
        try:
            _save_files(client, logged, run_id, folder, description)
        except BaseException:
            client.finalize_logged_model(logged.model_id, "FAILED")
            raise
        client.finalize_logged_model(logged.model_id, "READY")
    outputs = run.outputs.model_outputs if run.outputs else []
    if logged.model_id not in [one.model_id for one in outputs]:
        client.log_outputs(run_id, [LoggedModelOutput(logged.model_id, step=0)])
    metrics = [
        Metric(*metric, logged.model_id, one.name, one.digest, run_id)
        for one in measured
        for metric in finite_metrics(one.scores, at)
    ]
    client.log_batch(run_id, metrics)
    return f"{MODEL_ADDRESS}{logged.model_id}"


def _existing(client: MlflowClient, run: Run, name: str) -> LoggedModel | None:
    """The model that is there already; one of which only a part is there has failed."""
    of_run = f"source_run_id = '{run.info.run_id}'"
    for one in client.search_logged_models([run.info.experiment_id], of_run):
        if one.name == name and one.status == "READY":
            return one
        if one.name == name and one.status == "PENDING":
            client.finalize_logged_model(one.model_id, "FAILED")
    return None


def _save_files(
    client: MlflowClient,
    logged: LoggedModel,
    run_id: str,
    folder: Path,
    description: Mapping[str, Any],
) -> None:
    files = {"pipeline": PIPELINE_FILE, "input_statistics": STATISTICS_FILE}
    paths = {name: folder / file for name, file in files.items()}
    example = example_of(description)
    with (
        tempfile.TemporaryDirectory() as parent,
        quiet(),
        requirements_unchecked(),
        # uv's own lock file of the folder that this runs in is not the model's.
        environment_variables(MLFLOW_UV_AUTO_DETECT="false"),
    ):
        # Not by `mlflow.sklearn`, though it has skops too: its models vouch for their own types, so
        # that MLflow loads none where MLFLOW_ALLOW_PICKLE_DESERIALIZATION is false, and each serves
        # one method, chosen as it is saved.
        mlflow.pyfunc.save_model(
            Path(parent, _NAME),
            mlflow_model=Model(
                artifact_path=logged.artifact_location,
                model_uuid=logged.model_id,
                run_id=run_id,
                model_id=logged.model_id,
            ),
            python_model=str(Path(__file__).with_name("served_model.py")),
            artifacts={name: str(path) for name, path in paths.items() if path.exists()},
            code_paths=_code_paths(),
            pip_requirements=_pinned_requirements(),
            signature=_signature(example, description),
            input_example=example,
        )
        client.log_model_artifacts(logged.model_id, str(Path(parent, _NAME)))


def _signature(example: pd.DataFrame, description: Mapping[str, Any]) -> ModelSignature:
    columns = Schema([ColSpec(_column_type(example[name]), name) for name in example])
    outputs = infer_signature(model_output=predictions_of(description)).outputs
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
