"""Searches that were recorded, read back."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from mlflow.exceptions import MlflowException

from pipelines.comparison import RecordedSearch
from pipelines.errors import InputError
from pipelines.passwords import hide_password
from pipelines.search import load_evaluation
from pipelines.tracking import _mlflow
from pipelines.tracking._mlflow import quiet
from pipelines.tracking.address import default_tracking_uri, runs_address
from pipelines.tracking.connection import connect
from pipelines.tracking.tags import EVALUATION_FILE

if TYPE_CHECKING:
    from mlflow.entities import Run

__all__ = ["newest_view", "read_search"]

_SETTING = "search."
_TEST = "test_"


def read_search(run_id: str, tracking_uri: str | None = None) -> RecordedSearch:
    """Read a search that has ended.

    Parameters
    ----------
    run_id : str
        Of the search, not of a configuration.
    tracking_uri : str, optional
        Where it is; by default ``MLFLOW_TRACKING_URI``, else the file ``mlflow.db`` in the current
        folder.

    Returns
    -------
    RecordedSearch

    Raises
    ------
    InputError
        If there is no such run, or if it is not that of a search that has found a best one.
    """
    client = connect(tracking_uri or default_tracking_uri())
    with quiet(), tempfile.TemporaryDirectory() as folder:
        try:
            run = client.get_run(run_id)
        except MlflowException as error:
            raise InputError(
                f"There is no run {run_id!r} at {hide_password(client.tracking_uri)}: give the id of "
                "the run of a search, or set MLFLOW_TRACKING_URI to where it is."
            ) from error
        best = run.data.tags.get("best_run_id")
        if best is None:
            raise InputError(
                f"The run {run_id!r} is not that of a search that has ended: give the parent run of "
                "a search, not one of its configurations."
            )
        path = client.download_artifacts(best, EVALUATION_FILE, folder)
        evaluation = load_evaluation(Path(path).read_text("utf-8"))
    return RecordedSearch(
        run_id=run_id,
        name=run.info.run_name,
        settings={
            name.removeprefix(_SETTING): value
            for name, value in run.data.params.items()
            if name.startswith(_SETTING)
        },
        best=evaluation,
        test_scores={
            name.removeprefix(_TEST): value
            for name, value in run.data.metrics.items()
            if name.startswith(_TEST)
        },
        digests=_digests(run),
    )


def newest_view(tracking_uri: str) -> str | None:
    """Find the address, for a browser, of the newest search that was prepared to be looked at.

    Parameters
    ----------
    tracking_uri : str

    Returns
    -------
    str or None
        None where there is none, or the store does not answer.
    """
    file = tracking_uri.removeprefix("sqlite:///")
    if file != tracking_uri and not Path(file).is_file():
        return None
    found = []
    try:
        for experiment in connect(tracking_uri).search_experiments():
            if view := _mlflow.newest_view(experiment.tags):
                found.append((*view, experiment.experiment_id))
    except (InputError, MlflowException):
        return None
    if not found:
        return None
    _, key, experiment_id = max(found)
    return runs_address(tracking_uri, experiment_id, viewStateShareKey=key)


def _digests(run: Run) -> dict[str, str]:
    inputs = run.inputs.dataset_inputs if run.inputs else []
    return {
        tag.value: one.dataset.digest
        for one in inputs
        for tag in one.tags
        if tag.key == "mlflow.data.context"
    }
