"""The runs of a search in MLflow, and the calls that are recorded for them."""

from __future__ import annotations

import base64
import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import astuple
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlflow import entities

from pipelines.tracker import Measured
from pipelines.tracking._mlflow import view_tag
from pipelines.tracking.dataset import dataset_input
from pipelines.tracking.environment import environment_variables
from pipelines.tracking.epochs import Curves
from pipelines.tracking.metrics import (
    OVER_SEEDS,
    SECTIONS,
    Metric,
    curve_metrics,
    evaluation_metrics,
    evaluation_tags,
)
from pipelines.tracking.saved_model import save_model
from pipelines.tracking.tags import (
    CANDIDATE_TAG,
    EVALUATION_FILE,
    PARENT_RUN_TAG,
    PRIMARY_METRIC_TAG,
    SEARCH_TAG,
)
from pipelines.tracking.worths import find_worths

if TYPE_CHECKING:
    from mlflow import MlflowClient

    from pipelines.tracking.journal import Journal, Record

__all__ = ["SearchRuns"]

# MLflow takes 1000 metrics, params and tags in one request.
_METRICS_PER_REQUEST = 800
# That a server may take to answer, as MLflow has it; large files are not recorded otherwise.
_SECONDS_FOR_A_FILE = "120"


class SearchRuns:
    """The parent run of a search and those of its candidates.

    Every call may be made again, after one of which the answer was lost, and changes nothing then.

    Parameters
    ----------
    client : mlflow.MlflowClient
    journal : Journal
        Its parent run has been opened.
    may_exist : bool, default=False
        Whether runs may have been created of which the journal has no note. If so, a run is looked
        for before it is created.

    Attributes
    ----------
    run_ids : dict of int or None to str
        Ids of the runs by candidate, and of the parent run by None.
    running : dict of int to Curves
        Of the candidates that have begun and not ended.
    """

    def __init__(self, client: MlflowClient, journal: Journal, *, may_exist: bool = False) -> None:
        parent = journal.parent_run()
        assert parent is not None
        self.client = client
        self.may_exist = may_exist
        self.run_ids: dict[int | None, str] = {None: parent["run_id"]}
        self.running: dict[int, Curves] = {}
        self._experiment_id = parent["experiment_id"]
        self._tags = {**parent["origin"], SEARCH_TAG: parent["run_id"]}
        self._journal = journal

    def call(self, record: Record) -> dict[str, Any]:
        """Make a recorded call; return what is to be noted of it."""
        arguments = dict(record)
        name, candidate = arguments.pop("call"), arguments.pop("candidate")
        if name == "create_run":
            return {"run_id": self.create_run(candidate, **arguments)}
        if hasattr(self, name):
            return getattr(self, name)(candidate, **arguments) or {}
        getattr(self.client, name)(self.run_ids[candidate], **arguments)
        return {}

    def follow(self, record: Record, note: Mapping[str, Any]) -> None:
        """Keep up with a call that was made, by this process or by an earlier one."""
        candidate = record["candidate"]
        if record["call"] == "create_run" and "run_id" in note:
            self.run_ids[candidate] = note["run_id"]
            self.running[candidate] = Curves(self._journal.epochs_file(candidate))
        elif record["call"] == "set_terminated":
            self.running.pop(candidate, None)

    def create_run(
        self,
        candidate: int,
        name: str,
        start_time: int,
        params: Mapping[str, str],
        tags: Mapping[str, str],
        parent: int | None,
    ) -> str:
        """Begin a candidate's run, below that of another candidate or of the search."""
        run_id = self._existing(candidate) if self.may_exist else None
        if run_id is None:
            below = {PARENT_RUN_TAG: self.run_ids[parent], CANDIDATE_TAG: str(candidate)}
            tags = {**self._tags, **below, **tags}
            run = self.client.create_run(self._experiment_id, start_time, tags, name)
            run_id = run.info.run_id
        self.client.log_batch(run_id, params=[entities.Param(*param) for param in params.items()])
        return run_id

    def _existing(self, candidate: int) -> str | None:
        tags = {SEARCH_TAG: self.run_ids[None], CANDIDATE_TAG: candidate}
        filter_string = " AND ".join(f"tags.`{tag}` = '{value}'" for tag, value in tags.items())
        found = self.client.search_runs([self._experiment_id], filter_string)
        return found[0].info.run_id if found else None

    def log_batch(
        self,
        candidate: int | None,
        metrics: Sequence[Metric] = (),
        params: Mapping[str, str] | None = None,
        tags: Mapping[str, str | int] | None = None,
    ) -> None:
        """Log metrics, params and tags; a tag that is a number is the id of a candidate's run."""
        texts = {
            name: self.run_ids[value] if isinstance(value, int) else value
            for name, value in (tags or {}).items()
        }
        for start in range(0, max(len(metrics), 1), _METRICS_PER_REQUEST):
            part = metrics[start : start + _METRICS_PER_REQUEST]
            self.client.log_batch(
                self.run_ids[candidate],
                metrics=[entities.Metric(*metric) for metric in part],
                params=[entities.Param(*param) for param in (params or {}).items()],
                tags=[entities.RunTag(*tag) for tag in texts.items()],
            )

    def log_epochs(self, candidate: int) -> None:
        """Log the epochs that a running candidate's worker has written since the last time."""
        curves = self.running[candidate]
        curves.read()
        if curves.unsent:
            self.log_batch(candidate, curves.unsent)
            curves.unsent.clear()

    def log_evaluation(self, candidate: int, content: str) -> None:
        """Log all that was measured, the rest of the curves, and the file to resume from."""
        evaluation, curves = json.loads(content), self.running[candidate]
        curves.read()
        curves.add(curve_metrics(evaluation))
        metrics = [*evaluation_metrics(evaluation), *curves.unsent]
        self.log_batch(candidate, metrics, tags=evaluation_tags(evaluation))
        curves.unsent.clear()
        self.client.log_text(self.run_ids[candidate], content, EVALUATION_FILE)

    def prepare_view(self, candidate: int | None, **view: Any) -> None:
        """Give the experiment a view, with the arguments of `view_tag`, and a primary metric."""
        shown = {metric.rpartition("/")[0] for metric in view["metrics"]}
        closed = [name for name in SECTIONS if name != OVER_SEEDS or name in shown]
        name, value = view_tag(**view, closed=closed)
        self.client.set_experiment_tag(self._experiment_id, PRIMARY_METRIC_TAG, view["metrics"][0])
        self.client.set_experiment_tag(self._experiment_id, name, value)

    def log_dataset(self, candidate: int | None, description: Mapping[str, Any]) -> None:
        """Log a data set that :func:`pipelines.tracking.dataset.describe_dataset` describes."""
        self.client.log_inputs(self.run_ids[candidate], [dataset_input(description)])

    def log_source(self, candidate: int | None, address: str) -> None:
        """Log the model that a network began with: an input of the run, which MLflow links to."""
        # Few searches have one, and these imports take their time.
        from pipelines.errors import InputError
        from pipelines.tracking.model import logged_model

        tags = {"source_model": address}
        try:
            model = logged_model(self.client, address)
        except InputError:  # an estimator that was fitted, or a file
            self.log_batch(candidate, tags=tags)
            return
        if model.source_run_id:
            tags["source_run"] = model.source_run_id
        self.log_batch(candidate, tags=tags)
        of_model = entities.LoggedModelInput(model.model_id)
        self.client.log_inputs(self.run_ids[candidate], models=[of_model])

    def log_model(
        self,
        candidate: int | None,
        name: str,
        folder: str,
        measured: Sequence[Sequence[Any]],
        **how: Any,
    ) -> dict[str, str]:
        """Log the model whose files are in a folder of the journal; note its address."""
        with environment_variables(MLFLOW_HTTP_REQUEST_TIMEOUT=_SECONDS_FOR_A_FILE):
            address = save_model(
                self.client,
                self.run_ids[candidate],
                self._journal.folder / folder,
                name=name,
                measured=[Measured(*one) for one in measured],
                may_exist=self.may_exist,
                **how,
            )
        return {"name": name, "model": address}

    def find_worths(self, candidate: int | None) -> dict[str, Any]:
        """Note what techniques were worth in all that is recorded, as far as it can be read."""
        try:
            return {"worths": [astuple(one) for one in find_worths(self.client)]}
        except Exception:  # what others have found is not worth a warning
            return {"worths": []}

    def log_bytes(self, candidate: int | None, content: str, artifact_file: str) -> None:
        """Log a file whose content is given in base64."""
        path = Path(artifact_file)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, path.name)
            file.write_bytes(base64.b64decode(content))
            self.client.log_artifact(self.run_ids[candidate], str(file), str(path.parent))
