"""The study's ranking on the terminal."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pipelines.report.study_tables import verdict_rows
from pipelines.techniques import StudyResult

__all__ = ["print_study"]

_STYLES = {"better": "green", "worse": "red", "fails": "red"}


def print_study(study: StudyResult, console: Console | None = None) -> None:
    """Print the judged rows, the best first, with their verdicts.

    Parameters
    ----------
    study : StudyResult
    console : rich.console.Console, default=None
        None prints to standard output.
    """
    console = console or Console()
    measure = study.measure
    printed = Table(box=None, header_style="bold", pad_edge=False)
    printed.add_column("", justify="right")
    printed.add_column("technique", overflow="fold")
    headers = [f"validation {measure.name} in {measure.unit}", "test", "epoch time"]
    for header in headers:
        printed.add_column(header, overflow="fold")
    printed.add_column("verdict", overflow="fold")
    for rank, row in enumerate(verdict_rows(study), start=1):
        printed.add_row(
            str(rank),
            escape(row.name),
            escape(row.usual if study.n_far else row.validation),
            escape(row.test),
            escape(row.time),
            escape(f"{row.mark} {row.verdict}".strip()),
            style=_STYLES.get(row.verdict, ""),
        )
    console.print(printed)
    for line in study.lines:
        if line.n_failed:
            console.print(
                f"{line.name}, {line.n_failed} of {len(line.evaluations)} seeds: {line.reason}",
                markup=False,
                soft_wrap=True,
            )
