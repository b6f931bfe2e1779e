"""What earlier searches left in MLflow: evaluations to resume from, and runs that nobody ends."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from mlflow import MlflowClient
from mlflow.entities import Run
from mlflow.exceptions import MlflowException

from pipelines.processes import is_gone
from pipelines.search import Evaluation, load_evaluation
from pipelines.tracking._mlflow import quiet
from pipelines.tracking.tags import (
    EVALUATION_FILE,
    FINGERPRINT_TAG,
    HEARTBEAT_TAG,
    OUTCOME_TAG,
    PROCESS_TAG,
    SEARCH_TAG,
)

__all__ = ["end_dead_runs", "find_evaluations"]

# These outcomes would come again; a candidate that failed may have been out of memory.
_REPEATABLE = ("complete", "diverged", "pruned")
_SECONDS_WITHOUT_HEARTBEAT = 120.0
_RUNS_A_PAGE = 1000


def find_evaluations(
    client: MlflowClient, experiment_id: str, fingerprints: Sequence[str]
) -> dict[str, Evaluation]:
    """Find the evaluations of an experiment that have one of some fingerprints.

    Parameters
    ----------
    client : mlflow.MlflowClient
    experiment_id : str
    fingerprints : sequence of str

    Returns
    -------
    dict of str to Evaluation
        By fingerprint, the newest of each whose file is there; see
        :meth:`pipelines.search.Evaluation.of`.
    """
    missing = set(fingerprints)
    found: dict[str, Evaluation] = {}
    if not missing:
        return found
    for run in _search_runs(client, experiment_id, f"tags.`{FINGERPRINT_TAG}` != ''"):
        fingerprint = run.data.tags[FINGERPRINT_TAG]
        ended = run.info.status in ("FINISHED", "FAILED")
        if ended and fingerprint in missing and run.data.tags.get(OUTCOME_TAG) in _REPEATABLE:
            with quiet(), tempfile.TemporaryDirectory() as folder:
                try:
                    path = client.download_artifacts(run.info.run_id, EVALUATION_FILE, folder)
                except (MlflowException, OSError):  # the artifact store had refused it, say
                    continue
                found[fingerprint] = load_evaluation(Path(path).read_text("utf-8"))
            missing.remove(fingerprint)
    return found


def end_dead_runs(client: MlflowClient, experiment_id: str) -> int:
    """End as KILLED the runs of searches that are gone without having ended them.

    A search on this machine is gone if its process is; one on another machine if its last
    heartbeat is more than two minutes old.

    Returns
    -------
    int
        Number of runs that were ended.
    """
    n_ended = 0
    running = "attributes.status = 'RUNNING'"
    for parent in _search_runs(client, experiment_id, f"{running} AND tags.`{PROCESS_TAG}` != ''"):
        if _is_alive(parent):
            continue
        of_parent = f"{running} AND tags.`{SEARCH_TAG}` = '{parent.info.run_id}'"
        for run in [*_search_runs(client, experiment_id, of_parent), parent]:
            client.set_terminated(run.info.run_id, "KILLED")
            n_ended += 1
    return n_ended


def _search_runs(client: MlflowClient, experiment_id: str, filter_string: str) -> Iterator[Run]:
    token = None
    while True:
        page = client.search_runs(
            [experiment_id], filter_string, max_results=_RUNS_A_PAGE, page_token=token
        )
        yield from page
        token = page.token
        if not token:
            return


def _is_alive(parent: Run) -> bool:
    tags = parent.data.tags
    gone = is_gone(json.loads(tags[PROCESS_TAG]))
    if gone is not None:
        return not gone
    last = float(tags.get(HEARTBEAT_TAG, parent.info.start_time / 1000))
    return time.time() - last < _SECONDS_WITHOUT_HEARTBEAT
