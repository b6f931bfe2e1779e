"""What a search has to say to the tracking store, as plain data.

A run is known by its candidate's number, and the parent run by None: the store gives out
run ids only once it is written to. Times are Unix seconds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

__all__ = [
    "BestChosen",
    "DatasetUsed",
    "Measurement",
    "Record",
    "RunEnded",
    "RunLogged",
    "RunStarted",
    "TableLogged",
    "TextLogged",
]

Measurement = tuple[str, float, int]
"""Name of a metric, its value, and its step (0 where it has none)."""


@dataclass(frozen=True)
class RunStarted:
    """A candidate's run begins."""

    candidate: int
    name: str
    params: Mapping[str, str]
    tags: Mapping[str, str]
    at: float


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
    """The parent run used a data set, given by the fields of MLflow's entity."""

    fields: Mapping[str, str]
    context: str


@dataclass(frozen=True)
class TextLogged:
    """A text file among the artifacts of the parent run."""

    path: str
    text: str


@dataclass(frozen=True)
class TableLogged:
    """A table among the artifacts of the parent run, which MLflow's UI shows as one."""

    path: str
    table: pd.DataFrame


Record = RunStarted | RunLogged | RunEnded | BestChosen | DatasetUsed | TextLogged | TableLogged
