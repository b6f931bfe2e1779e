"""A search's observer that records it in MLflow."""

from __future__ import annotations

import base64
import signal
import threading
import time
import warnings
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from pipelines.errors import InputError
from pipelines.passwords import hide_password
from pipelines.search import SearchObserver, dump_evaluation
from pipelines.signals import signal_handled
from pipelines.tracking.address import default_tracking_uri, reason_of
from pipelines.tracking.dataset import dataset_used
from pipelines.tracking.ending import exit_by_signal, status_after
from pipelines.tracking.environment import installed_versions
from pipelines.tracking.handed_over import take_handed_over
from pipelines.tracking.journal import JOURNALS_FOLDER, new_journal
from pipelines.tracking.records import (
    BestChosen,
    BytesLogged,
    RunEnded,
    RunLogged,
    RunStarted,
    TableLogged,
    TextLogged,
)
from pipelines.tracking.tags import (
    CANDIDATE_TAG,
    EVALUATION_FILE,
    FINGERPRINT_TAG,
    OUTCOME_TAG,
)
from pipelines.tracking.values import clean_value, evaluation_metrics, score_metrics, value_metrics
from pipelines.tracking.writer_process import WriterProcess

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
    it. All writing but the model's is done by another process, by way of a journal on disk; a
    store that fails on the way does not stop the search, and what it did not take by the end is
    kept. One warning says so.

    Parameters
    ----------
    experiment : str
        Name of the MLflow experiment, created where it is new. The run and experiment that
        ``mlflow run`` hands over in the environment take precedence.
    tracking_uri : str, optional
        Address of the tracking server or database; by default ``MLFLOW_TRACKING_URI``, else
        the file ``mlflow.db`` in the current folder.
    run_name : str, optional
        Name of the parent run; one that was handed over with a name of the user's keeps that. By
        default MLflow makes one up.
    journals : str or Path, default=".searches"
        Folder of the journals, by way of which everything is written: one a search, removed when
        all of it has reached the store.

    Attributes
    ----------
    tracking_uri : str
    run_id, experiment_id : str
        The parent run and its experiment, once entered.
    below : mapping of int to int
        Candidates whose runs are to be below the run of another candidate, not directly below the
        search's: the other's number by theirs.
    address : str
        The tracking URI for people's eyes, without names and passwords.

    Raises
    ------
    InputError
        On entering, if the store does not answer within some seconds.
    """

    def __init__(
        self,
        *,
        experiment: str,
        tracking_uri: str | None = None,
        run_name: str | None = None,
        journals: str | Path = JOURNALS_FOLDER,
    ) -> None:
        self.experiment = experiment
        self.journals = Path(journals)
        self.tracking_uri = tracking_uri or default_tracking_uri()
        self.run_name = run_name
        self.below: Mapping[int, int] = {}

    def __enter__(self) -> MLflowTracker:
        self.address = hide_password(self.tracking_uri)
        self._journal = new_journal(self.journals)
        self._writer = WriterProcess(self.tracking_uri, self._journal)
        self.run_id, self.experiment_id = self._writer.open(
            experiment=self.experiment, run_name=self.run_name, **take_handed_over()
        )
        self._running: set[int] = set()
        self._lock = threading.Lock()
        self._problems: list[str] = []
        versions = installed_versions()
        self._log(tags={f"version.{name}": version for name, version in versions.items()})
        self._until_exit = ExitStack()
        if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
            self._until_exit.enter_context(signal_handled(signal.SIGTERM, exit_by_signal))
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
                with signal_handled(signal.SIGTERM, signal.SIG_IGN):
                    self._writer.close(_PATIENCE_WHEN_INTERRUPTED)
            else:
                self._writer.close(_PATIENCE)
        self._warn_of_problems()

    def find_evaluations(self, fingerprints: Sequence[str]) -> dict[str, Evaluation]:
        """Find evaluations of this experiment by their fingerprints, to resume a search.

        Journals that dead searches left behind are delivered before, and their runs are ended as
        KILLED.

        Parameters
        ----------
        fingerprints : sequence of str

        Returns
        -------
        dict of str to Evaluation
            Those that are known; a failed one is not, so that it is tried again.
        """
        from mlflow import MlflowClient

        from pipelines.tracking.recall import end_dead_runs, recall_evaluations
        from pipelines.tracking.upload import upload_journals

        client = MlflowClient(tracking_uri=self.tracking_uri)
        with suppress(InputError):  # journals of another store, or one that went away again
            list(upload_journals(self.journals, self.tracking_uri))
        end_dead_runs(client, self.experiment_id)
        return recall_evaluations(client, self.experiment_id, fingerprints)

    def on_search_begin(self, n_candidates: int, n_splits: int) -> None:
        """Log how much there is to do."""
        self.log_settings({"n_candidates": n_candidates, "n_fits": n_candidates * n_splits})

    def on_candidate_begin(self, candidate: Candidate) -> None:
        """Begin the candidate's run, with its hyperparameters."""
        with self._lock:
            self._running.add(candidate.number)
        self._begin(candidate, time.time())

    def on_candidate_end(self, evaluation: Evaluation) -> None:
        """End the candidate's run, with everything that was measured."""
        with self._lock:
            self._running.discard(evaluation.candidate.number)
        self._end(evaluation)

    def on_candidate_resumed(self, evaluation: Evaluation) -> None:
        """Give the candidate a run in this search as well, at the times of its evaluation."""
        self._begin(evaluation.candidate, evaluation.started_at, recalled="true")
        self._end(evaluation)

    recall = find_evaluations
    on_candidate_recalled = on_candidate_resumed

    def _begin(self, candidate: Candidate, at: float, **tags: str) -> None:
        params = {name: clean_value(value) for name, value in candidate.hyperparameters.items()}
        tags = {CANDIDATE_TAG: str(candidate.number), **tags}
        number = candidate.number
        below = self.below.get(number)
        self._writer.submit(RunStarted(number, candidate.name, params, tags, at, below))

    def _end(self, evaluation: Evaluation) -> None:
        number, at = evaluation.candidate.number, evaluation.ended_at
        tags: dict[str, str] = {OUTCOME_TAG: evaluation.status}
        if evaluation.reason:
            tags["reason"] = evaluation.reason
        if evaluation.warnings:
            tags["warnings"] = "\n".join(evaluation.warnings)
        if evaluation.candidate.fingerprint:
            tags[FINGERPRINT_TAG] = evaluation.candidate.fingerprint
        metrics = evaluation_metrics(evaluation)
        ending = "FINISHED" if evaluation.status in ("complete", "pruned") else "FAILED"
        self._writer.submit(TextLogged(number, EVALUATION_FILE, dump_evaluation(evaluation)))
        self._writer.submit(RunLogged(number, at, tags=tags, metrics=metrics))
        self._writer.submit(RunEnded(number, ending, at))

    def log_dataset(self, dataset: Dataset, context: str = "development") -> None:
        """Log a data set, with its digest, as an input of the parent run."""
        self._writer.submit(dataset_used(dataset, context))

    def log_settings(self, settings: Mapping[str, Any]) -> None:
        """Log the search's own settings as params ``search.<name>`` of the parent run.

        The prefix keeps them apart from what ``mlflow run`` logs there: the entry point's
        arguments, quoted for the shell.
        """
        self._log(params={f"search.{name}": clean_value(v) for name, v in settings.items()})

    def log_text(self, text: str, path: str) -> None:
        """Log a text as a file of the parent run, such as a grid's YAML or a page of HTML."""
        self._writer.submit(TextLogged(None, path, text))

    def log_bytes(self, content: bytes, path: str) -> None:
        """Log the content of a file that is no text, such as a picture."""
        self._writer.submit(BytesLogged(path, base64.b64encode(content).decode()))

    def log_measurements(self, candidate: int, measurements: Mapping[str, float]) -> None:
        """Log what is only known after a candidate's end as further metrics of its run."""
        metrics = value_metrics(measurements)
        self._writer.submit(RunLogged(candidate, time.time(), metrics=metrics))

    def log_results(self, results: pd.DataFrame) -> None:
        """Log the table of results as ``results.csv`` and, for the UI, ``results.json``."""
        self.log_text(results.to_csv(index=False), "results.csv")
        # As objects: MLflow does not know pandas' own type of text yet.
        columns = results.astype(object).where(results.notna(), None).to_dict("list")
        self._writer.submit(TableLogged("results.json", columns))

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
        # MLflow takes seconds to import, which the search itself need not wait for.
        from mlflow import MlflowClient

        from pipelines.tracking.model import log_pipeline

        try:
            if not self._writer.drain(_PATIENCE):
                return None
            client = MlflowClient(tracking_uri=self.tracking_uri)
            return log_pipeline(client, self.run_id, pipeline, X_example)
        except Exception as error:
            self._problems.append(f"the model is missing ({reason_of(error)})")
            return None

    def _log(self, **content: Any) -> None:
        self._writer.submit(RunLogged(None, time.time(), **content))

    def _warn_of_problems(self) -> None:
        writer, problems = self._writer, list(self._problems)
        if writer.refused:
            problems.append(f"{len(writer.refused)} writes were refused ({writer.refused[0]})")
        if left := writer.n_submitted - writer.n_done:
            problems.append(
                f"{left} of {writer.n_submitted} writes are not there yet, but kept in "
                f"{self._journal.folder}: `python -m pipelines upload` sends them"
            )
        if problems:
            warnings.warn(
                f"The record of this search in MLflow at {self.address} is incomplete: "
                f"{'; '.join(problems)}.",
                RuntimeWarning,
                stacklevel=3,
            )
