"""The tracker that records a search in MLflow."""

from __future__ import annotations

import base64
import json
import signal
import time
import warnings
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import astuple
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING, Any

from pipelines.errors import InputError
from pipelines.passwords import hide_password
from pipelines.search import SearchObserver, dump_evaluation
from pipelines.signals import signal_handled
from pipelines.tracker import Champion, Measured, RecordedWorth, Summary, Tracker
from pipelines.tracking.address import default_tracking_uri, describe_error, runs_address
from pipelines.tracking.colors import run_colors
from pipelines.tracking.dataset import describe_dataset
from pipelines.tracking.environment import installed_versions, take_active_run
from pipelines.tracking.epochs import EpochFile
from pipelines.tracking.journal import JOURNALS_FOLDER, Journal
from pipelines.tracking.metrics import (
    CURVES,
    DEVIATION,
    finite_metrics,
    group_metrics,
    metric_names,
)
from pipelines.tracking.model_files import write_model
from pipelines.tracking.params import format_params
from pipelines.tracking.run_status import exit_on_signal, run_status
from pipelines.tracking.tags import (
    NOTE_TAG,
    OUTCOME_TAG,
    PARENT_RUN_TAG,
    RUN_COLOR_TAG,
    WORTHS_TAG,
)
from pipelines.tracking.worths import dump_worths
from pipelines.tracking.writer_process import WriterProcess

if TYPE_CHECKING:
    import pandas as pd
    from sklearn.pipeline import Pipeline

    from pipelines.data import Dataset
    from pipelines.input_statistics import ColumnStatistics
    from pipelines.search import Candidate, Evaluation, Group

__all__ = ["MLflowTracker"]

# Seconds without a record being delivered or refused, after which the rest is given up.
_TIMEOUT = 60.0
_TIMEOUT_WHEN_INTERRUPTED = 10.0
# Bytes of a model that are delivered in a second, where that lasts.
_SLOWEST_UPLOAD = 1_000_000


class MLflowTracker(SearchObserver, Tracker):
    """Records a search as an MLflow run with a child run for each candidate.

    Entering opens the parent run, leaving ends it. All of it is written by another process, by way
    of a journal on disk. Trouble with MLflow on the way does not stop the search: what could
    not be delivered by the end is kept, and one warning says so.

    Parameters
    ----------
    experiment : str
        Name of the MLflow experiment, created where it is new. The run and experiment that
        ``mlflow run`` names in the environment take precedence.
    tracking_uri : str, optional
        Address of the tracking server or database; by default ``MLFLOW_TRACKING_URI``, else
        the file ``mlflow.db`` in the current folder.
    run_name : str, optional
        Name of the parent run; one that ``mlflow run`` has begun under a name of the user's keeps
        that. By default MLflow generates one.
    journals : str or Path, default=".searches"
        Folder of the journals: one a search, removed when all of it has been delivered.
    writer : WriterProcess, optional
        The process that writes, started ahead, with an address and a journal of its own.

    Attributes
    ----------
    tracking_uri : str
    run_id, experiment_id : str
        The parent run and its experiment, once entered.
    address : str
        The tracking URI for people's eyes, without names and passwords.
    view : str or None
        The address in MLflow's UI that shows the runs as :meth:`log_summary` has prepared them.

    Raises
    ------
    InputError
        On entering, if MLflow does not answer within some seconds.
    """

    def __init__(
        self,
        *,
        experiment: str,
        tracking_uri: str | None = None,
        run_name: str | None = None,
        journals: str | Path = JOURNALS_FOLDER,
        writer: WriterProcess | None = None,
    ) -> None:
        self.experiment = experiment
        self.journals = Path(journals)
        self.tracking_uri = tracking_uri or default_tracking_uri()
        self._started_ahead = writer
        self.run_name = run_name
        self.view: str | None = None
        self._parents: dict[int, int] = {}
        self._patience = _TIMEOUT
        self._has_ended = False

    def __enter__(self) -> MLflowTracker:
        if self._started_ahead is None:
            self._writer = WriterProcess(self.tracking_uri, Journal.below(self.journals))
        else:
            self._writer = self._started_ahead
            self.tracking_uri = self._writer.tracking_uri
        self.address = hide_password(self.tracking_uri)
        self._journal = self._writer.journal
        self.run_id, self.experiment_id = self._writer.open(
            experiment=self.experiment, run_name=self.run_name, **take_active_run()
        )
        self._problems: list[str] = []
        versions = {f"version.{name}": text for name, text in installed_versions().items()}
        self._record("log_batch", tags=versions)
        self._until_exit = ExitStack()
        if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
            self._until_exit.enter_context(signal_handled(signal.SIGTERM, exit_on_signal))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        status = run_status(error)
        if status == "FAILED":
            self._record("log_batch", tags={"reason": f"{type(error).__name__}: {error}"})
        self._record("end_search", status=status, end_time=int(time.time() * 1000))
        with self._until_exit:
            if status == "KILLED":
                # `mlflow run` answers Ctrl-C by sending its child a SIGTERM on top.
                with signal_handled(signal.SIGTERM, signal.SIG_IGN):
                    self._problems += self._writer.close(_TIMEOUT_WHEN_INTERRUPTED)
            else:
                self._problems += self._writer.close(self._patience)
        if self._problems:
            warnings.warn(
                f"The record of this search in MLflow at {self.address} is incomplete: "
                f"{'; '.join(self._problems)}.",
                RuntimeWarning,
                stacklevel=2,
            )

    def flush(self, timeout: float = _TIMEOUT) -> bool:
        """Wait until all that was recorded by now is in MLflow, or refused by it.

        Parameters
        ----------
        timeout : float, default=60.0
            Seconds to wait for the next record to be delivered before giving up.

        Returns
        -------
        bool
            Whether nothing is left.
        """
        return self._writer.flush(timeout)

    def find_evaluations(self, fingerprints: Sequence[str]) -> dict[str, Evaluation]:
        # First what dead searches have left: their journals are delivered, their runs ended.
        from mlflow import MlflowClient

        from pipelines.tracking.delivery import upload_journals
        from pipelines.tracking.resume import end_dead_runs, find_evaluations

        client = MlflowClient(tracking_uri=self.tracking_uri)
        with suppress(InputError):  # of another address, or of one that went away again
            list(upload_journals(self.journals, self.tracking_uri))
        end_dead_runs(client, self.experiment_id)
        return find_evaluations(client, self.experiment_id, fingerprints)

    def on_search_begin(self, n_candidates: int, n_splits: int) -> None:
        self.log_settings({"n_candidates": n_candidates, "n_fits": n_candidates * n_splits})

    def on_candidate_begin(self, candidate: Candidate) -> None:
        self._begin(candidate, time.time(), self._parents.get(candidate.number))

    def epoch_writer(self, candidate: Candidate) -> EpochFile:
        return EpochFile(self._journal.epochs_file(candidate.number))

    def on_candidate_end(self, evaluation: Evaluation) -> None:
        self._end(evaluation)

    def on_candidate_resumed(self, evaluation: Evaluation) -> None:
        candidate = evaluation.candidate
        parent = self._parents.get(candidate.number)
        self._begin(candidate, evaluation.started_at, parent, resumed="true")
        self._end(evaluation)

    def on_group_begin(self, group: Group) -> None:
        for member in group.members:
            self._parents.setdefault(member, group.number)
        self._begin(group, time.time())

    def on_group_end(self, group: Group, evaluations: Sequence[Evaluation]) -> None:
        broken = [one for one in evaluations if one.status not in ("complete", "pruned")]
        tags = {OUTCOME_TAG: "complete"}
        if broken:
            reason = f"{len(broken)} of {len(evaluations)}: {broken[0].reason}"
            tags = {OUTCOME_TAG: broken[0].status, "reason": reason, NOTE_TAG: reason}
        metrics = group_metrics([json.loads(dump_evaluation(one)) for one in evaluations])
        self._record("log_batch", group.number, metrics=metrics, tags=tags)
        status, now = "FAILED" if broken else "FINISHED", int(time.time() * 1000)
        self._record("set_terminated", group.number, status=status, end_time=now)

    def _begin(
        self, which: Candidate | Group, at: float, parent: int | None = None, **tags: str
    ) -> None:
        self._record(
            "create_run",
            which.number,
            name=which.name,
            start_time=int(at * 1000),
            params=format_params(which.hyperparameters),
            tags=tags,
            parent=parent,
        )

    def _end(self, evaluation: Evaluation) -> None:
        number, end_time = evaluation.candidate.number, int(evaluation.ended_at * 1000)
        status = "FINISHED" if evaluation.status in ("complete", "pruned") else "FAILED"
        self._record("log_evaluation", number, content=dump_evaluation(evaluation))
        self._record("set_terminated", number, status=status, end_time=end_time)

    def _record(self, call: str, candidate: int | None = None, **arguments: Any) -> None:
        self._journal.records.append({"call": call, "candidate": candidate, **arguments})

    def run_address(self, number: int) -> str:
        # What writes the runs is another process, so that a run is found by its tags.
        chosen = f"tags.candidate = '{number}' and tags.{PARENT_RUN_TAG} = '{self.run_id}'"
        return runs_address(self.address, self.experiment_id, searchFilter=chosen)

    def log_dataset(self, dataset: Dataset, context: str = "development") -> None:
        self._record("log_dataset", description=describe_dataset(dataset, context))

    def log_settings(self, settings: Mapping[str, Any]) -> None:
        # The prefix keeps them apart from what `mlflow run` logs there: the entry point's
        # arguments, quoted for the shell.
        self._record("log_batch", params=format_params(settings, "search."))

    def log_text(self, text: str, path: str) -> None:
        self._record("log_text", text=text, artifact_file=path)

    def log_bytes(self, content: bytes, path: str) -> None:
        self._record("log_bytes", content=base64.b64encode(content).decode(), artifact_file=path)

    def log_metrics(self, number: int, metrics: Mapping[str, float]) -> None:
        self._record("log_batch", number, metrics=finite_metrics(metrics, time.time()))

    def log_results(self, results: pd.DataFrame) -> None:
        self.log_table(results, "results")

    def log_table(self, table: pd.DataFrame, name: str) -> None:
        self.log_text(table.to_csv(index=False), f"{name}.csv")
        # As objects: MLflow does not know pandas' own type of text yet.
        columns = table.astype(object).where(table.notna(), None).to_dict("list")
        self._record("log_table", data=columns, artifact_file=f"{name}.json")

    def log_worths(self, worths: Sequence[RecordedWorth]) -> None:
        if text := dump_worths(worths):
            self._record("log_batch", tags={WORTHS_TAG: text})

    def on_search_end(self) -> None:
        self._has_ended = True
        self._record("find_worths")  # they are read while the best one is fitted on all rows

    def find_worths(self) -> list[RecordedWorth]:
        if not self._has_ended:
            self.on_search_end()
        found = self._noted("worths")
        return [RecordedWorth(*one) for one in found[-1]["worths"]] if found else []

    def _noted(self, what: str) -> list[dict[str, Any]]:
        """Wait for the answers to all that was recorded; return those that tell something."""
        if not self.flush(self._patience):
            self._patience = _TIMEOUT_WHEN_INTERRUPTED  # it was waited for long enough
        return [note for note in self._journal.all_notes() if what in note]

    def log_source(self, address: str) -> None:
        self._record("log_source", address=address)

    def log_best(self, evaluation: Evaluation) -> None:
        best, metrics = evaluation.candidate, {}
        for metric in evaluation.folds[0].validation_scores:
            metrics[f"validation_{metric}"] = evaluation.validation_mean(metric)
            metrics[f"{DEVIATION}validation_{metric}"] = evaluation.validation_std(metric)
        self._record(
            "log_batch",
            metrics=finite_metrics(metrics, time.time()),
            tags={"best_run_id": best.number, "best_candidate": best.name},
        )

    def log_summary(self, summary: Summary) -> None:
        self._record("log_batch", tags={NOTE_TAG: summary.text})
        for number, color in run_colors(summary.standings).items():
            self._record("log_batch", number, tags={RUN_COLOR_TAG: color})
        key = self.run_id[:8]
        self._record(
            "prepare_view",
            key=key,
            name=summary.name,
            created_at=int(time.time() * 1000),
            runs=f"tags.{PARENT_RUN_TAG} = '{self.run_id}'",
            metrics=metric_names(summary.metrics),
            ascending=not summary.greater_is_better,
            params=summary.varied,
            pairs=[metric_names(pair) for pair in summary.pairs],
            curves=[metric_names(CURVES + name for name in names) for names in summary.curves],
        )
        self.view = runs_address(self.address, self.experiment_id, viewStateShareKey=key)

    def log_test_scores(self, scores: Mapping[str, float]) -> None:
        metrics = {f"test_{metric}": score for metric, score in scores.items()}
        self._record("log_batch", metrics=finite_metrics(metrics, time.time()))

    def log_model(
        self,
        pipeline: Pipeline,
        X_example: pd.DataFrame,
        statistics: Mapping[str, ColumnStatistics] | None = None,
        *,
        name: str = "model",
        hyperparameters: Mapping[str, Any] = MappingProxyType({}),
        measured: Sequence[Measured] = (),
    ) -> None:
        folder = self._journal.new_folder("model")
        try:
            description = write_model(folder, pipeline, X_example, statistics)
        except Exception as error:
            self._problems.append(f"the model is missing ({describe_error(error)})")
            return
        size = sum(file.stat().st_size for file in folder.iterdir())
        self._patience += size / _SLOWEST_UPLOAD
        self._record(
            "log_model",
            name=name,
            folder=folder.name,
            description=description,
            params=format_params(hyperparameters),
            measured=[astuple(one) for one in measured],
            at=time.time(),
        )

    def kept_model(self, name: str = "model") -> str | None:
        found = [note["model"] for note in self._noted("model") if note["name"] == name]
        return found[-1] if found else None

    def find_champion(self, name: str) -> Champion | None:
        from mlflow import MlflowClient

        from pipelines.tracking.model import load_model
        from pipelines.tracking.registry import find_champion

        version = find_champion(MlflowClient(tracking_uri=self.tracking_uri), name)
        if version is None:
            return None
        label = f"{version.name}/{version.version}"
        digest = version.tags.get("development_digest", "")
        return Champion(label, load_model(label, self.tracking_uri).pipeline, digest)

    def register_model(
        self, model: str, name: str, *, card: str, tags: Mapping[str, str], champion: bool
    ) -> str | None:
        from mlflow import MlflowClient

        from pipelines.tracking.registry import register_model, registered_name

        client = MlflowClient(tracking_uri=self.tracking_uri)
        try:
            version = register_model(
                client, name, model, self.run_id, card=card, tags=tags, champion=champion
            )
        except Exception as error:
            self._problems.append(f"the model is not registered ({describe_error(error)})")
            return None
        return f"{registered_name(name)}/{version}"
