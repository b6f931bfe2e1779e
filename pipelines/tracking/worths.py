"""What techniques were worth, in searches that were recorded: written to a tag, and read back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from pipelines.tracker import RecordedWorth
from pipelines.tracking.tags import WORTHS_TAG

if TYPE_CHECKING:
    from mlflow import MlflowClient

__all__ = ["dump_worths", "find_worths"]

# A tag holds 8,000 characters.
_MOST_CHARACTERS = 6_000
_MOST_RUNS = 500


def dump_worths(worths: Sequence[RecordedWorth]) -> str:
    """Write what techniques were worth as JSON: those that help first, and as many as a tag holds.

    Those with values that JSON does not have, such as a schedule of Keras, are left out.

    Parameters
    ----------
    worths : sequence of RecordedWorth

    Returns
    -------
    str
        Empty where there is nothing to tell.

    Examples
    --------
    >>> dump_worths([RecordedWorth("iris", "classification", {"layers": (8, 4)}, "better")])
    '[["iris", "classification", {"layers": [8, 4]}, "better"]]'
    """
    told: list[str] = []
    known = [worth for worth in worths if worth.verdict != "no verdict"]
    for worth in sorted(known, key=lambda worth: worth.verdict != "better"):
        try:
            text = json.dumps(
                [worth.dataset, worth.task, _plain(worth.hyperparameters), worth.verdict]
            )
        except TypeError:
            continue
        if sum(map(len, told)) + 2 * len(told) + len(text) > _MOST_CHARACTERS:
            break
        told.append(text)
    return f"[{', '.join(told)}]" if told else ""


def find_worths(client: MlflowClient) -> list[RecordedWorth]:
    """Read what techniques were worth in the newest searches of all experiments.

    Parameters
    ----------
    client : mlflow.MlflowClient

    Returns
    -------
    list of RecordedWorth
        The newest first.
    """
    experiments = [one.experiment_id for one in client.search_experiments()]
    runs = client.search_runs(
        experiments,
        f"tags.`{WORTHS_TAG}` != ''",
        max_results=_MOST_RUNS,
        order_by=["attributes.start_time DESC"],
    )
    found = []
    for run in runs:
        for dataset, task, hyperparameters, verdict in json.loads(run.data.tags[WORTHS_TAG]):
            found.append(RecordedWorth(dataset, task, hyperparameters, verdict))
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value.item() if isinstance(value, np.generic) else value
