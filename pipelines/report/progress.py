"""A progress bar for a search."""

from __future__ import annotations

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from pipelines.report.metric import PrintedMetric
from pipelines.search import Candidate, Evaluation, SearchObserver

__all__ = ["ProgressBar"]


class ProgressBar(SearchObserver):
    """Shows how many configurations are done, the best score so far and the time left.

    Parameters
    ----------
    metric : PrintedMetric
        The metric that ranks.
    console : rich.console.Console, default=None
        Where to draw; None is standard error. Where that is no terminal, one line a
        configuration is printed instead.
    """

    def __init__(self, metric: PrintedMetric, console: Console | None = None):
        self.metric = metric
        self.console = console or Console(stderr=True)
        self.best = float("-inf")

    def on_search_begin(self, n_candidates: int, n_splits: int) -> None:
        self.total = n_candidates
        self.done = 0
        self.progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=self.console,
            disable=not self.console.is_terminal,
        )
        self.task = self.progress.add_task("configurations", total=n_candidates)
        self.progress.start()

    def on_candidate_begin(self, candidate: Candidate) -> None:
        """Nothing to show."""

    def on_candidate_end(self, evaluation: Evaluation) -> None:
        self.done += 1
        scorer = self.metric.scorer
        score = evaluation.validation_mean(scorer) if evaluation.folds else None
        if score is not None and score > self.best:
            self.best = score
        known = self.best > float("-inf")
        description = f"best {self._told(self.best)}" if known else "none yet"
        self.progress.update(self.task, advance=1, description=description)
        if not self.console.is_terminal:
            outcome = evaluation.status if score is None else self._told(score)
            self.console.print(
                f"{self.done}/{self.total} {evaluation.candidate.name}: {outcome}",
                markup=False,
                soft_wrap=True,
            )

    def _told(self, score: float) -> str:
        return f"{self.metric.name} {self.metric.score_text(score)}"

    def on_candidate_resumed(self, evaluation: Evaluation) -> None:
        self.on_candidate_end(evaluation)

    def on_search_end(self) -> None:
        self.progress.stop()
