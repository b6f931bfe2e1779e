"""Configurations that were recorded, read back."""

from __future__ import annotations

from typing import Any

from mlflow.exceptions import MlflowException

from pipelines.errors import InputError
from pipelines.passwords import hide_password
from pipelines.tracking._mlflow import quiet
from pipelines.tracking.address import default_tracking_uri
from pipelines.tracking.connection import connect
from pipelines.tracking.params import parse_params
from pipelines.tracking.tags import CANDIDATE_TAG, PARENT_RUN_TAG

__all__ = ["read_configuration"]

_SETTING = "search."
_OF_SEARCH = ("dataset", "preset", "scaling")


def read_configuration(
    run_id: str, tracking_uri: str | None = None
) -> tuple[dict[str, Any], dict[str, str]]:
    """Read the hyperparameters of a configuration that a search has evaluated.

    Parameters
    ----------
    run_id : str
        Of the configuration, or of the search, whose best one is then meant.
    tracking_uri : str, optional
        Where it is; by default ``MLFLOW_TRACKING_URI``, else the file ``mlflow.db`` in the current
        folder.

    Returns
    -------
    hyperparameters : dict of str to object
    settings : dict of str to str
        Name of the data set, preset and scaling of the search, where it has told them.

    Raises
    ------
    InputError
        If there is no such run, or if it is neither.
    """
    client = connect(tracking_uri or default_tracking_uri())
    with quiet():
        try:
            run = client.get_run(run_id)
            if "best_run_id" in run.data.tags:
                run = client.get_run(run.data.tags["best_run_id"])
        except MlflowException as error:
            raise InputError(
                f"There is no run {run_id!r} at {hide_password(client.tracking_uri)}: give the id of "
                "the run of a configuration, or set MLFLOW_TRACKING_URI to where it is."
            ) from error
        parent = run.data.tags.get(PARENT_RUN_TAG)
        if parent is None or CANDIDATE_TAG not in run.data.tags:
            raise InputError(
                f"The run {run_id!r} is neither that of a configuration nor that of a search that has "
                "found a best one: give the id of one of these."
            )
        told = client.get_run(parent).data.params
    settings = {name: told[_SETTING + name] for name in _OF_SEARCH if _SETTING + name in told}
    return parse_params(run.data.params), settings
