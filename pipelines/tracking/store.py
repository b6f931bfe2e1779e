"""Writing records to MLflow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from mlflow.entities import Dataset, DatasetInput, InputTag, Metric, Param, RunTag
from mlflow.utils.mlflow_tags import (
    MLFLOW_DATASET_CONTEXT,
    MLFLOW_GIT_COMMIT,
    MLFLOW_PARENT_RUN_ID,
    MLFLOW_SOURCE_NAME,
    MLFLOW_SOURCE_TYPE,
    MLFLOW_USER,
)

from pipelines.tracking.records import (
    BestChosen,
    DatasetUsed,
    Measurement,
    Record,
    RunEnded,
    RunLogged,
    RunStarted,
    TableLogged,
    TextLogged,
)

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

__all__ = ["RunStore"]

# MLflow takes 1000 metrics, params and tags in one request.
_METRICS_PER_REQUEST = 800

_ORIGIN_TAGS = (MLFLOW_USER, MLFLOW_SOURCE_NAME, MLFLOW_SOURCE_TYPE, MLFLOW_GIT_COMMIT)


class RunStore:
    """The parent run of a search and its children, as MLflow has them.

    Parameters
    ----------
    client : mlflow.MlflowClient
    parent : mlflow.entities.Run
        The parent run; who ran it and from which source is noted in every child as well.
    """

    def __init__(self, client: MlflowClient, parent: Run) -> None:
        self._client = client
        self._parent = parent.info.run_id
        self._experiment_id = parent.info.experiment_id
        origin = {name: tag for name, tag in parent.data.tags.items() if name in _ORIGIN_TAGS}
        self._child_tags = {**origin, MLFLOW_PARENT_RUN_ID: self._parent}
        self._run_ids: dict[int | None, str] = {None: self._parent}

    def apply(self, record: Record) -> None:
        """Write one record."""
        match record:
            case RunStarted():
                self._start(record)
            case RunLogged(candidate, at, params, tags, metrics):
                self._log(self._run_ids[candidate], at, params, tags, metrics)
            case RunEnded(candidate, status, at):
                run_id = self._run_ids[candidate]
                self._client.set_terminated(run_id, status, end_time=_milliseconds(at))
            case BestChosen(candidate, name, metrics, at):
                tags = {"best_run_id": self._run_ids[candidate], "best_candidate": name}
                self._log(self._parent, at, {}, tags, metrics)
            case DatasetUsed(fields, context):
                tag = InputTag(MLFLOW_DATASET_CONTEXT, context)
                self._client.log_inputs(self._parent, [DatasetInput(Dataset(**fields), [tag])])
            case TextLogged(path, text):
                self._client.log_text(self._parent, text, path)
            case TableLogged(path, table):
                # As objects: MLflow does not know pandas' own type of text yet, and warns.
                self._client.log_table(self._parent, table.astype(object), path)

    def _start(self, record: RunStarted) -> None:
        run = self._client.create_run(
            self._experiment_id,
            start_time=_milliseconds(record.at),
            tags={**self._child_tags, **record.tags},
            run_name=record.name,
        )
        self._run_ids[record.candidate] = run.info.run_id
        self._log(run.info.run_id, record.at, record.params, {}, ())

    def _log(
        self,
        run_id: str,
        at: float,
        params: Mapping[str, str],
        tags: Mapping[str, str],
        metrics: Sequence[Measurement],
    ) -> None:
        sent = [Metric(name, value, _milliseconds(at), step) for name, value, step in metrics]
        self._client.log_batch(
            run_id,
            metrics=sent[:_METRICS_PER_REQUEST],
            params=[Param(name, value) for name, value in params.items()],
            tags=[RunTag(name, value) for name, value in tags.items()],
        )
        for start in range(_METRICS_PER_REQUEST, len(sent), _METRICS_PER_REQUEST):
            self._client.log_batch(run_id, metrics=sent[start : start + _METRICS_PER_REQUEST])


def _milliseconds(seconds: float) -> int:
    return int(seconds * 1000)
