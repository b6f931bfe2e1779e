"""What records a command's results: MLflow, in a process that may be started ahead."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from pipelines.tracker import Tracker
    from pipelines.tracking.writer_process import WriterProcess

__all__ = ["MakeTracker", "mlflow_ahead", "mlflow_tracker"]

MakeTracker: TypeAlias = "Callable[[str, str], Tracker]"


def mlflow_tracker(experiment: str, run_name: str, writer: WriterProcess | None = None) -> Tracker:
    """Make the tracker that records a search in MLflow, by a process that was started ahead or not."""
    from pipelines.tracking import MLflowTracker

    return MLflowTracker(experiment=experiment, run_name=run_name, writer=writer)


@contextmanager
def mlflow_ahead() -> Iterator[MakeTracker]:
    """Start MLflow in its own process, while the input is read; give what makes the tracker."""
    from pipelines.tracking.writer_process import WriterProcess

    with WriterProcess.ahead() as writer:
        yield partial(mlflow_tracker, writer=writer)
