"""Registered models: versions under a name, of which one is the champion."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import RESOURCE_ALREADY_EXISTS, ErrorCode

from pipelines.tracking._mlflow import quiet

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

__all__ = ["CHAMPION", "find_champion", "register_model", "registered_name"]

CHAMPION = "champion"


def registered_name(name: str) -> str:
    """Make a name that MLflow takes, of that of a data set.

    Examples
    --------
    >>> registered_name("people: 2024/25")
    'people- 2024-25'
    """
    return re.sub(r"[/:@]", "-", name)


def find_champion(client: MlflowClient, name: str) -> ModelVersion | None:
    """Find the champion's version; None where there is none."""
    try:
        return client.get_model_version_by_alias(registered_name(name), CHAMPION)
    except MlflowException:
        return None


def register_model(
    client: MlflowClient,
    name: str,
    model: str,
    run_id: str,
    *,
    card: str,
    tags: Mapping[str, str],
    champion: bool,
) -> str:
    """Register a model that was logged.

    Parameters
    ----------
    client : mlflow.MlflowClient
    name : str
        Registered, where it is new.
    model : str
        Its address, ``models:/<id>``.
    run_id : str
        The run that it is of.
    card : str
        Markdown, the version's description.
    tags : mapping of str to str
        Of the version.
    champion : bool
        Whether it takes the alias "champion".

    Returns
    -------
    str
        The number of the version.
    """
    name = registered_name(name)
    try:
        client.create_registered_model(name)
    except MlflowException as error:
        if error.error_code != ErrorCode.Name(RESOURCE_ALREADY_EXISTS):
            raise
    with quiet():  # of a server it says that it waits
        version = client.create_model_version(
            name,
            model,
            run_id,
            tags=dict(tags),
            description=card,
            model_id=model.removeprefix("models:/"),
        )
    if champion:
        client.set_registered_model_alias(name, CHAMPION, version.version)
    return str(version.version)
