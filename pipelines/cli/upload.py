"""The command ``upload``."""

from __future__ import annotations

from pathlib import Path

import click

from pipelines.tracking import JOURNALS_FOLDER

__all__ = ["upload"]


@click.command()
@click.option(
    "--journals",
    type=click.Path(path_type=Path, file_okay=False),
    default=JOURNALS_FOLDER,
    show_default=True,
    help="Folder of the journals.",
)
def upload(journals: Path) -> None:
    """Send to MLflow what its server did not take while a search ran."""
    from pipelines.tracking import upload_journals

    found = 0
    for journal, n_records, refused in upload_journals(journals):
        found += 1
        left_out = f", {len(refused)} refused ({refused[0]})" if refused else ""
        click.echo(f"{journal}: {n_records} writes are in MLflow{left_out}.")
    if not found:
        click.echo(f"Nothing is left to send in {journals}.")
