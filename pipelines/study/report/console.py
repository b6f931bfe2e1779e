"""The study's ranking on the terminal."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pipelines.study import StudyResult
from pipelines.study.report.verdict_table import verdict_rows

__all__ = ["print_study"]

_STYLES = {"better": "green", "worse": "red", "fails": "red"}


def print_study(study: StudyResult, console: Console | None = None) -> None:
    """Print the judged arms, the best first, with their verdicts.

    Parameters
    ----------
    study : StudyResult
    console : rich.console.Console, default=None
        None prints to standard output.
    """
    console = console or Console()
    validation = f"validation {study.metric.name} in {study.metric.unit}"
    printed = Table(box=None, header_style="bold", pad_edge=False)
    printed.add_column("", justify="right")
    for header in ("technique", validation, "test", "epoch time", "verdict"):
        printed.add_column(header, overflow="fold")
    for rank, row in enumerate(verdict_rows(study), start=1):
        printed.add_row(
            str(rank),
            escape(row.name),
            escape(row.cells[study.judged_by]),
            escape(row.cells["test"]),
            escape(row.time),
            escape(f"{row.mark} {row.verdict}".strip()),
            style=_STYLES.get(row.verdict, ""),
        )
    console.print(printed)
    for arm in study.arms:
        if arm.n_failed:
            console.print(
                f"{arm.label}, {arm.n_failed} of {len(arm.runs)} seeds: {arm.reason}",
                markup=False,
                soft_wrap=True,
            )
