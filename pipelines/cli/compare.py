"""The command ``compare``."""

from __future__ import annotations

from pathlib import Path

import click

from pipelines.cli.types import Names, Optional
from pipelines.errors import InputError
from pipelines.output import check_output_file

__all__ = ["compare"]


@click.command()
@click.option("--runs", type=Names(), default="", help="Ids of the runs of two or more searches.")
@click.option("--metric", type=Optional(str), default="", help="A metric that all have.")
@click.option(
    "--output",
    default="comparison.html",
    show_default=True,
    help="File (.html or .csv) for the table.",
)
def compare(runs: tuple[str, ...], metric: str | None, output: str) -> None:
    """Compare the best configurations of searches with that of the first."""
    if len(runs) < 2:
        raise InputError(
            f"A comparison is of two searches or more, but runs names {len(runs)}; give their ids "
            "with commas between."
        )
    path = Path(output).expanduser()
    check_output_file(path, (".html", ".csv"))

    from pipelines.comparison import compare_searches, comparison_lines, comparison_page
    from pipelines.tracking import read_search

    table = compare_searches([read_search(run) for run in runs], metric)
    page = path.suffix.lower() == ".html"
    path.absolute().parent.mkdir(parents=True, exist_ok=True)
    path.write_text(comparison_page(table) if page else table.to_csv(index=False), encoding="utf-8")
    for line in comparison_lines(table):
        click.echo(line)
    click.echo(f"Also written to {output}.")
