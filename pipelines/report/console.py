"""The verdict on a search on the terminal, and the best configurations below it."""

from __future__ import annotations

import math

import pandas as pd
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from pipelines.report.causes import cause_sentences
from pipelines.report.sentences import VERDICT_MARKS, count_text, seconds_text
from pipelines.report.table import warnings_by_message
from pipelines.report.verdict import SearchVerdict, training_seconds
from pipelines.report.verdict_sentences import verdict_sentences
from pipelines.search import Evaluation

__all__ = ["print_item", "print_verdict"]

_N_SHOWN = 10


def print_verdict(
    verdict: SearchVerdict,
    table: pd.DataFrame,
    console: Console | None = None,
    *,
    suggestions: tuple[str, ...] = (),
) -> None:
    """Print what a search found, the verdict first; it takes 80 columns.

    Parameters
    ----------
    verdict : SearchVerdict
    table : DataFrame
        Of :func:`pipelines.report.results_table`, for reasons and warnings.
    console : rich.console.Console, default=None
        None prints to standard output.
    suggestions : tuple of str, default=()
        What to try next, a sentence each.
    """
    console = console or Console()
    first, *others = verdict_sentences(verdict)
    console.print(Text(first, style="bold"))
    for sentence in others:
        print_item(console, sentence)
    console.print()
    console.print(_ranking(verdict))
    more = len(verdict.ranked) - _N_SHOWN
    if more > 0:
        console.print(f"and {more} more, in results.csv and on the page of the run", style="dim")
    broken = table[~table["status"].isin(["complete", "pruned"])]
    for row in broken.to_dict("records"):
        console.print(
            f"{row['configuration']} {row['status']}: {row['reason']}", markup=False, soft_wrap=True
        )
    causes = cause_sentences(verdict)
    if causes:
        console.print(Text("Why some are poor", style="bold"))
    for sentence in causes:
        print_item(console, sentence)
    for message, names in warnings_by_message(table).items():
        console.print(f"Warned of {count_text(names)}: {message}", markup=False, soft_wrap=True)
    if suggestions:
        console.print(Text("What to try next", style="bold"))
        for sentence in suggestions:
            print_item(console, sentence)


def print_item(console: Console, sentence: str) -> None:
    """Print a sentence whose later lines begin where the first one does."""
    item = Table.grid(padding=(0, 1, 0, 0))
    item.add_row("-", Text(sentence))
    console.print(Padding(item, 0))


def _ranking(verdict: SearchVerdict) -> Table:
    metric = verdict.metric
    printed = Table(box=None, header_style="bold", pad_edge=False)
    printed.add_column("", justify="right", no_wrap=True)
    printed.add_column("configuration", overflow="fold", ratio=1)
    name = f"{metric.name} %" if metric.unit == "%" else metric.name
    for header in (name, "train", "training", ""):
        printed.add_column(header, justify="right", no_wrap=True)
    for rank, evaluation in enumerate(verdict.ranked[:_N_SHOWN], start=1):
        is_winner = evaluation is verdict.winner
        mark = (
            VERDICT_MARKS[verdict.comparisons[evaluation.candidate.number].verdict]
            if not is_winner
            else "*"
        )
        printed.add_row(
            str(rank),
            escape(evaluation.candidate.name),
            _score(evaluation, verdict),
            _number(metric.value(evaluation.train_mean(metric.scorer)), verdict),
            seconds_text(training_seconds(evaluation)),
            mark,
            style="bold green" if is_winner else "",
        )
    return printed


def _score(evaluation: Evaluation, verdict: SearchVerdict) -> str:
    metric = verdict.metric
    mean = metric.text(metric.value(evaluation.validation_mean(metric.scorer)))
    if verdict.n_folds < 2:
        return mean
    return f"{mean} ± {metric.text(evaluation.validation_std(metric.scorer))}"


def _number(value: float, verdict: SearchVerdict) -> str:
    return "-" if math.isnan(value) else verdict.metric.text(value)
