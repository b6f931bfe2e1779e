"""The epochs of a candidate on their way to MLflow while it trains."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pipelines.tracking.json_lines import JsonLines
from pipelines.tracking.metrics import Metric, epoch_metrics

__all__ = ["Curves", "EpochFile"]


@dataclass(frozen=True)
class EpochFile:
    """Writes the epochs of a candidate to a file of the journal, in the candidate's worker.

    Where the journal's folder is missing, as on another machine, it does nothing, and the curves
    are logged when the candidate ends.
    """

    path: Path

    def __call__(self, epoch: int, logs: Mapping[str, float]) -> None:
        values = {name: float(value) for name, value in logs.items()}
        JsonLines(self.path).append({"epoch": epoch, "at": time.time(), "logs": values})


class Curves:
    """The curves of a candidate, of which every metric is logged once a step.

    A process that is killed may have logged more than it could note. The next one logs the file
    again from its beginning, with the same times, and MLflow keeps what is equal once.

    Attributes
    ----------
    unsent : list of Metric
        What is to be logged, until it is cleared.
    """

    def __init__(self, path: Path) -> None:
        self.unsent: list[Metric] = []
        self._epochs = JsonLines(path)
        self._known: set[tuple[str, int]] = set()

    def read(self) -> None:
        """Add the epochs that the worker has written by now."""
        for line in self._epochs.read():
            self.add(epoch_metrics(line["logs"], line["epoch"], line["at"]))

    def add(self, metrics: Iterable[Metric]) -> None:
        """Add metrics, but for steps that there are already."""
        for metric in metrics:
            name, _, _, step = metric
            if (name, step) not in self._known:
                self._known.add((name, step))
                self.unsent.append(metric)
