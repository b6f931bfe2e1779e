"""A search's observer that records it in MLflow."""

from __future__ import annotations

import signal
import threading
import time
import warnings
from collections.abc import Mapping
from contextlib import ExitStack
from types import TracebackType
from typing import TYPE_CHECKING, Any

from mlflow import MlflowClient

from pipelines.search import SearchObserver
from pipelines.tracking.connection import (
    connect,
    default_tracking_uri,
    hide_password,
    open_parent_run,
    reason_of,
)
from pipelines.tracking.dataset import dataset_fields
from pipelines.tracking.ending import exit_by_signal, sigterm_handled, status_after
from pipelines.tracking.environment import environment_variables, installed_versions
from pipelines.tracking.handed_over import keep_killed
from pipelines.tracking.model import log_pipeline
from pipelines.tracking.records import (
    BestChosen,
    DatasetUsed,
    Record,
    RunEnded,
    RunLogged,
    RunStarted,
    TableLogged,
    TextLogged,
)
from pipelines.tracking.store import RunStore
from pipelines.tracking.values import clean_value, evaluation_metrics, score_metrics
from pipelines.tracking.writer import BackgroundWriter

if TYPE_CHECKING:
    import pandas as pd
    from sklearn.pipeline import Pipeline

    from pipelines.data import Dataset
    from pipelines.search import Candidate, Evaluation

__all__ = ["MLflowTracker"]

# Seconds without a single write succeeding or failing, after which the rest is given up.
_PATIENCE = 60.0
_PATIENCE_WHEN_INTERRUPTED = 10.0


class MLflowTracker(SearchObserver):
    """Records a search as an MLflow run with a child run for each candidate.

    A context manager around the whole search: entering opens the parent run, leaving ends
    it. All writing but the model's happens in the background, and a store that fails on the
    way does not stop the search: one warning at the end says what is missing.

    Parameters
    ----------
    experiment : str
        Name of the MLflow experiment, created where it is new. The run and experiment that
        ``mlflow run`` hands over in the environment take precedence.
    tracking_uri : str, optional
        Address of the tracking server or database; by default ``MLFLOW_TRACKING_URI``, else
        the file ``mlflow.db`` in the current folder.
    run_name : str, optional
        Name of the parent run, unless it was handed over; by default MLflow makes one up.

    Attributes
    ----------
    tracking_uri : str
    run_id, experiment_id : str
        The parent run and its experiment, once entered.
    address : str
        The tracking URI for people's eyes, without names and passwords.

    Raises
    ------
    InputError
        On entering, if the store does not answer within some seconds.
    """

    def __init__(
        self, *, experiment: str, tracking_uri: str | None = None, run_name: str | None = None
    ) -> None:
        self.experiment = experiment
        self.tracking_uri = tracking_uri or default_tracking_uri()
        self.run_name = run_name

    def __enter__(self) -> MLflowTracker:
        self._client: MlflowClient = connect(self.tracking_uri)
        parent, self._handed_over = open_parent_run(
            self._client, experiment=self.experiment, run_name=self.run_name
        )
        self.run_id = parent.info.run_id
        self.experiment_id = parent.info.experiment_id
        self.address = hide_password(self.tracking_uri)
        store = RunStore(self._client, parent)
        self._writer: BackgroundWriter[Record] = BackgroundWriter(store.apply)
        self._running: set[int] = set()
        self._lock = threading.Lock()
        self._problems: list[str] = []
        versions = installed_versions()
        self._log(tags={f"version.{name}": version for name, version in versions.items()})
        self._until_exit = ExitStack()
        # MLflow prints two lines to standard output for every run that ends on a server.
        self._until_exit.enter_context(
            environment_variables(MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT="true")
        )
        if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
            self._until_exit.enter_context(sigterm_handled(exit_by_signal))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        status = status_after(error)
        if status == "FAILED":
            self._log(tags={"reason": f"{type(error).__name__}: {error}"})
        with self._lock:
            for candidate in sorted(self._running):
                self._writer.submit(RunEnded(candidate, "KILLED", time.time()))
            self._running.clear()
        self._writer.submit(RunEnded(None, status, time.time()))
        with self._until_exit:
            if status == "KILLED":
                # `mlflow run` answers Ctrl-C by sending its child a SIGTERM on top.
                with sigterm_handled(signal.SIG_IGN):
                    self._writer.close(_PATIENCE_WHEN_INTERRUPTED)
                    if self._handed_over:
                        self._keeper = keep_killed(self.tracking_uri, self.run_id)
            else:
                self._writer.close(_PATIENCE)
        self._warn_of_problems()

    def on_search_begin(self, n_candidates: int, n_splits: int) -> None:
        """Log how much there is to do."""
        self.log_settings({"n_candidates": n_candidates, "n_fits": n_candidates * n_splits})

    def on_candidate_begin(self, candidate: Candidate) -> None:
        """Begin the candidate's run, with its hyperparameters."""
        with self._lock:
            self._running.add(candidate.number)
        self._writer.submit(
            RunStarted(
                candidate.number,
                candidate.name,
                params={k: clean_value(v) for k, v in candidate.hyperparameters.items()},
                tags={"candidate": str(candidate.number)},
                at=time.time(),
            )
        )

    def on_candidate_end(self, evaluation: Evaluation) -> None:
        """End the candidate's run, with everything that was measured."""
        number, at = evaluation.candidate.number, evaluation.ended_at
        tags: dict[str, str] = {"outcome": evaluation.status}
        if evaluation.reason:
            tags["reason"] = evaluation.reason
        if evaluation.warnings:
            tags["warnings"] = "\n".join(evaluation.warnings)
        metrics = evaluation_metrics(evaluation)
        ending = "FINISHED" if evaluation.status == "complete" else "FAILED"
        with self._lock:
            self._running.discard(number)
        self._writer.submit(RunLogged(number, at, tags=tags, metrics=metrics))
        self._writer.submit(RunEnded(number, ending, at))

    def log_dataset(self, dataset: Dataset, context: str = "development") -> None:
        """Log a data set, with its digest, as an input of the parent run."""
        self._writer.submit(DatasetUsed(dataset_fields(dataset), context))

    def log_settings(self, settings: Mapping[str, Any]) -> None:
        """Log the search's own settings as params ``search.<name>`` of the parent run.

        The prefix keeps them apart from what ``mlflow run`` logs there: the entry point's
        arguments, quoted for the shell.
        """
        self._log(params={f"search.{name}": clean_value(v) for name, v in settings.items()})

    def log_text(self, text: str, path: str) -> None:
        """Log a text as a file of the parent run, such as a grid's YAML or a page of HTML."""
        self._writer.submit(TextLogged(path, text))

    def log_results(self, results: pd.DataFrame) -> None:
        """Log the table of results as ``results.csv`` and, for the UI, ``results.json``."""
        self.log_text(results.to_csv(index=False), "results.csv")
        self._writer.submit(TableLogged("results.json", results))

    def log_best(self, evaluation: Evaluation) -> None:
        """Point the parent run to the best child and copy its validation scores there."""
        metrics = [
            measurement
            for measurement in evaluation_metrics(evaluation)
            if measurement[0].startswith("validation_") and "_fold" not in measurement[0]
        ]
        best = evaluation.candidate
        self._writer.submit(BestChosen(best.number, best.name, metrics, time.time()))

    def log_test_scores(self, scores: Mapping[str, float]) -> None:
        """Log the scores on the test rows as ``test_<scorer>`` of the parent run."""
        self._log(metrics=score_metrics(scores, "test"))

    def log_model(self, pipeline: Pipeline, X_example: pd.DataFrame) -> str | None:
        """Log a fitted pipeline as the parent run's model; see :func:`log_pipeline`.

        Returns
        -------
        str or None
            The model's address, ``models:/<id>``; None where the store did not take it.
        """
        if not self._writer.drain(_PATIENCE):
            return None
        try:
            return log_pipeline(self._client, self.run_id, pipeline, X_example)
        except Exception as error:
            self._problems.append(f"the model is missing ({reason_of(error)})")
            return None

    def _log(self, **content: Any) -> None:
        self._writer.submit(RunLogged(None, time.time(), **content))

    def _warn_of_problems(self) -> None:
        writer, problems = self._writer, list(self._problems)
        missing = writer.n_failed + writer.n_submitted - writer.n_done
        if missing:
            why = reason_of(writer.first_error) if writer.first_error else "no answer"
            problems.insert(0, f"{missing} of {writer.n_submitted} writes failed ({why})")
        if problems:
            warnings.warn(
                f"The record of this search in MLflow at {self.address} is incomplete: "
                f"{'; '.join(problems)}.",
                RuntimeWarning,
                stacklevel=3,
            )
