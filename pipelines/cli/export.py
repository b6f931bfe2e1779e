"""The command ``export``."""

from __future__ import annotations

from pathlib import Path

import click

from pipelines.cli.options import prepare_process
from pipelines.errors import InputError, check_choice
from pipelines.export import SUFFIXES, check_export

__all__ = ["export"]


@click.command()
@click.option(
    "--model",
    default="",
    help="Run id, runs:/ or models:/ address, registered name@alias, or folder.",
)
@click.option(
    "--format",
    default="onnx",
    show_default=True,
    help="onnx, the whole pipeline; or keras, its network in Keras' own layers.",
)
@click.option("--output", default="", help="File to write; model.onnx or model.keras without it.")
def export(model: str, format: str, output: str) -> None:
    """Write a model that was recorded to a file that needs nothing of this project."""
    if not model:
        raise InputError("An export needs model; give it, as in model=...")
    check_choice("format", format, SUFFIXES)
    path = Path(output or f"model{SUFFIXES[format]}").expanduser()
    check_export(path, format)
    prepare_process()

    from pipelines.export import export_model
    from pipelines.tracking import load_pipeline

    click.echo(export_model(load_pipeline(model), path, format))
