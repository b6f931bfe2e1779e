"""What a search has to say to the tracking store, as plain data, in memory and as lines of JSON.

A run is known by its candidate's number, and the parent run by None: the store gives out
run ids only once it is written to. Times are Unix seconds.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, get_args

__all__ = [
    "BestChosen",
    "BytesLogged",
    "DatasetUsed",
    "Measurement",
    "Record",
    "RunEnded",
    "RunLogged",
    "RunStarted",
    "TableLogged",
    "TextLogged",
    "dump_record",
    "load_record",
]

Measurement = tuple[str, float, int]
"""Name of a metric, its value, and its step (0 where it has none)."""


@dataclass(frozen=True)
class RunStarted:
    """A candidate's run begins, below that of another candidate or of the search."""

    candidate: int
    name: str
    params: Mapping[str, str]
    tags: Mapping[str, str]
    at: float
    below: int | None = None


@dataclass(frozen=True)
class RunLogged:
    """Params, tags and metrics of a run."""

    candidate: int | None
    at: float
    params: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    metrics: Sequence[Measurement] = ()


@dataclass(frozen=True)
class RunEnded:
    """A run ends as FINISHED, FAILED or KILLED."""

    candidate: int | None
    status: str
    at: float


@dataclass(frozen=True)
class BestChosen:
    """A candidate is the best of the search; its name and scores go to the parent run."""

    candidate: int
    name: str
    metrics: Sequence[Measurement]
    at: float


@dataclass(frozen=True)
class DatasetUsed:
    """The parent run used a data set.

    Its first rows, target included, are pandas' JSON of the orientation "table".
    """

    name: str
    digest: str
    source: str
    target: str
    n_rows: int
    n_columns: int
    first_rows: str
    context: str


@dataclass(frozen=True)
class TextLogged:
    """A text file among the artifacts of a run."""

    candidate: int | None
    path: str
    text: str


@dataclass(frozen=True)
class BytesLogged:
    """A file that is no text, in base64, among the artifacts of the parent run."""

    path: str
    base64: str


@dataclass(frozen=True)
class TableLogged:
    """A table among the artifacts of the parent run, which MLflow's UI shows as one."""

    path: str
    columns: Mapping[str, Sequence[Any]]


Record = (
    RunStarted
    | RunLogged
    | RunEnded
    | BestChosen
    | DatasetUsed
    | TextLogged
    | BytesLogged
    | TableLogged
)

_TYPES = {type_.__name__: type_ for type_ in get_args(Record)}


def dump_record(record: Record) -> str:
    r"""Write a record as one line of JSON.

    Examples
    --------
    >>> dump_record(RunEnded(3, "FINISHED", 1.5))
    '{"record": "RunEnded", "candidate": 3, "status": "FINISHED", "at": 1.5}'
    """
    return json.dumps({"record": type(record).__name__, **asdict(record)})


def load_record(line: str) -> Record:
    """Read what :func:`dump_record` wrote.

    Examples
    --------
    >>> load_record(dump_record(RunEnded(3, "FINISHED", 1.5)))
    RunEnded(candidate=3, status='FINISHED', at=1.5)
    """
    fields = json.loads(line)
    return _TYPES[fields.pop("record")](**fields)
