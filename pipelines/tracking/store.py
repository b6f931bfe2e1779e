"""Writing records to MLflow."""

from __future__ import annotations

import base64
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mlflow.entities import DatasetInput, InputTag, Metric, Param, RunTag
from mlflow.exceptions import MlflowException
from mlflow.utils.mlflow_tags import (
    MLFLOW_DATASET_CONTEXT,
    MLFLOW_GIT_COMMIT,
    MLFLOW_PARENT_RUN_ID,
    MLFLOW_SOURCE_NAME,
    MLFLOW_SOURCE_TYPE,
    MLFLOW_USER,
)

from pipelines.errors import InputError
from pipelines.passwords import hide_password
from pipelines.tracking.dataset_entity import dataset_entity
from pipelines.tracking.records import (
    BestChosen,
    BytesLogged,
    DatasetUsed,
    Measurement,
    Record,
    RunEnded,
    RunLogged,
    RunStarted,
    TableLogged,
    TextLogged,
)
from pipelines.tracking.tags import CANDIDATE_TAG, HEARTBEAT_TAG, SEARCH_TAG

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

    from pipelines.tracking.journal import Journal

__all__ = ["RunStore", "reopened_store"]

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
    run_ids : mapping of int to str, default={}
        The candidates' runs that there are already.

    Attributes
    ----------
    run_ids : dict of int or None to str
        Ids of the runs by candidate, and of the parent by None.
    doubtful : bool
        Whether a run may exist that ``run_ids`` does not have, because the answer to its creation
        was lost. Then it is looked for before it is created.
    """

    def __init__(
        self, client: MlflowClient, parent: Run, run_ids: Mapping[int, str] | None = None
    ) -> None:
        self._client = client
        self._parent = parent.info.run_id
        self._experiment_id = parent.info.experiment_id
        origin = {name: tag for name, tag in parent.data.tags.items() if name in _ORIGIN_TAGS}
        self._child_tags = {**origin, SEARCH_TAG: self._parent}
        self.run_ids: dict[int | None, str] = {None: self._parent}
        for candidate, run_id in (run_ids or {}).items():
            self.run_ids[candidate] = run_id
        self.doubtful = False

    def apply(self, record: Record) -> None:
        """Write one record."""
        match record:
            case RunStarted():
                self._start(record)
            case RunLogged(candidate, at, params, tags, metrics):
                self._log(self.run_ids[candidate], at, params, tags, metrics)
            case RunEnded(candidate, status, at):
                run_id = self.run_ids[candidate]
                self._client.set_terminated(run_id, status, end_time=_milliseconds(at))
            case BestChosen(candidate, name, metrics, at):
                tags = {"best_run_id": self.run_ids[candidate], "best_candidate": name}
                self._log(self._parent, at, {}, tags, metrics)
            case DatasetUsed():
                tag = InputTag(MLFLOW_DATASET_CONTEXT, record.context)
                used = DatasetInput(dataset_entity(record), [tag])
                self._client.log_inputs(self._parent, [used])
            case TextLogged(candidate, path, text):
                self._client.log_text(self.run_ids[candidate], text, path)
            case BytesLogged(path, content):
                self._log_bytes(base64.b64decode(content), Path(path))
            case TableLogged(path, columns):
                self._client.log_table(self._parent, dict(columns), path)

    def beat(self) -> None:
        """Note on the parent run that its search is alive."""
        self._client.set_tag(self._parent, HEARTBEAT_TAG, f"{time.time():.0f}")

    def answers(self) -> bool:
        """Whether the store answers just now."""
        try:
            self._client.get_run(self._parent)
        except Exception:
            return False
        return True

    def _start(self, record: RunStarted) -> None:
        run_id = self._find(record.candidate) if self.doubtful else None
        if run_id is None:
            run = self._client.create_run(
                self._experiment_id,
                start_time=_milliseconds(record.at),
                tags={
                    **self._child_tags,
                    MLFLOW_PARENT_RUN_ID: self.run_ids[record.below],
                    **record.tags,
                },
                run_name=record.name,
            )
            run_id = run.info.run_id
        self.run_ids[record.candidate] = run_id
        self._log(run_id, record.at, record.params, {}, ())

    def _log_bytes(self, content: bytes, path: Path) -> None:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, path.name)
            file.write_bytes(content)
            self._client.log_artifact(self._parent, str(file), str(path.parent))

    def _find(self, candidate: int) -> str | None:
        filter_string = (
            f"tags.`{SEARCH_TAG}` = '{self._parent}' AND tags.`{CANDIDATE_TAG}` = '{candidate}'"
        )
        found = self._client.search_runs([self._experiment_id], filter_string)
        return found[0].info.run_id if found else None

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


def reopened_store(client: MlflowClient, journal: Journal) -> RunStore:
    """Take up where an earlier writer of a journal ended.

    Raises
    ------
    InputError
        If the store does not have the journal's parent run.
    """
    run_id = journal.parent["run_id"]
    try:
        parent = client.get_run(run_id)
    except MlflowException as error:
        raise InputError(
            f"The run {run_id} that {journal.folder} belongs to is not at "
            f"{hide_password(client.tracking_uri)}: set MLFLOW_TRACKING_URI to the store that the "
            "search was recorded in."
        ) from error
    store = RunStore(client, parent, journal.delivered().run_ids)
    store.doubtful = True
    return store


def _milliseconds(seconds: float) -> int:
    return int(seconds * 1000)
