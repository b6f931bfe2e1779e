"""The default space, made from the domains that the techniques declare."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import yaml

from estimators.techniques import CLASSIFIER_TECHNIQUES, REGRESSOR_TECHNIQUES
from pipelines.data.task import Task
from pipelines.preprocessing import Scaling

__all__ = ["default_space"]

_HEADER = """\
# What a search tries. A value is fixed; of a list one is chosen; a range has low, high and perhaps
# log or step. A block holds where its "when" does, and the last one that holds counts.
"""


def default_space(kind: str, task: Task) -> str:
    """Return the text of the space that is searched where none is given.

    Parameters
    ----------
    kind : {"table", "image"}
        Of the data.
    task : {"classification", "regression"}

    Returns
    -------
    str
        YAML, as :func:`parse_space` reads it.
    """
    fixed: dict[str, Any] = {}
    blocks: list[dict[str, Any]] = []
    for name, when, values in _domains(task):
        data = when.get("data", kind)
        if kind not in (data if isinstance(data, list) else [data]):
            continue
        conditions = {other: allowed for other, allowed in when.items() if other != "data"}
        if conditions:
            blocks.append({"when": conditions, name: values})
        else:
            fixed[name] = values
    return _HEADER + yaml.safe_dump(
        {**fixed, "blocks": blocks}, sort_keys=False, default_flow_style=None, width=100
    )


def _domains(task: Task) -> Iterator[tuple[str, dict[str, Any], Any]]:
    """Names with conditions and values, of all techniques and of the preprocessing."""
    of_task = {"classification": CLASSIFIER_TECHNIQUES, "regression": REGRESSOR_TECHNIQUES}
    for technique in (*of_task[task], Scaling()):
        declared: Iterable[tuple[str, Any]] = (
            *technique.choices.items(),
            *((one.name, domain) for one in technique.hyperparameters for domain in one.search),
        )
        for name, domain in declared:
            yield name, dict(domain.when), domain.values
