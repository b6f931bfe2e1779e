"""An ablation study on the terminal: the verdict, and the techniques below it."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from pipelines.ablation.page import worth_rows
from pipelines.ablation.result import Ablation
from pipelines.ablation.sentences import ablation_sentences
from pipelines.report.console import print_item

__all__ = ["print_ablation"]


def print_ablation(ablation: Ablation, console: Console | None = None) -> None:
    """Print what an ablation study found, the verdict first; it takes 80 columns.

    Parameters
    ----------
    ablation : Ablation
    console : rich.console.Console, default=None
        None prints to standard output.
    """
    console = console or Console()
    first, *others = ablation_sentences(ablation)
    console.print(Text(first, style="bold"))
    for sentence in others:
        print_item(console, sentence)
    console.print()
    metric = ablation.metric
    title = f"Difference of {metric.title}" + (
        ", points" if metric.difference_unit == "points" else ""
    )
    below = "" if metric.greater_is_better else "; below 0 is better"
    console.print(
        f"{title}{below}. ▲ shown to help, ▼ to hurt, ○ neither.", style="dim", markup=False
    )
    printed = Table(box=None, header_style="bold", pad_edge=False)
    printed.add_column("technique", overflow="fold", ratio=1)
    for header in (f"in {ablation.plan.best}", "added alone", "on the path", "time"):
        printed.add_column(header, justify="right", no_wrap=True)
    for row in worth_rows(ablation):
        printed.add_row(escape(row.name), row.in_best, row.alone, row.on_path, row.time_text)
    console.print(printed)
    if ablation.worths:
        console.print(
            f"time: of the training of {ablation.plan.best}, over that without the technique.",
            style="dim",
            markup=False,
        )
