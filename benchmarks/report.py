"""What a benchmark leaves beside itself."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from benchmarks.history import Headline, record
from benchmarks.machine import describe_machine

__all__ = ["kept_samples", "report_path", "write_figures", "write_report"]


def report_path(name: str, suffix: str) -> Path:
    """Where a benchmark's figures (``.json``), text (``.md``) and plot (``.svg``) are."""
    return Path(__file__).with_name(name + suffix)


def kept_samples(name: str) -> list[dict[str, Any]]:
    """What an earlier run of a benchmark has measured, if any."""
    path = report_path(name, ".json")
    return json.loads(path.read_text("utf-8"))["samples"] if path.exists() else []


def write_figures(name: str, figures: Mapping[str, Any]) -> None:
    """Write the figures, with the machine that they were read on."""
    content = {"machine": describe_machine(), **figures}
    report_path(name, ".json").write_text(json.dumps(content, indent=1) + "\n")


def write_report(
    name: str, figures: Mapping[str, Any], text: str, headlines: Sequence[Headline] = ()
) -> None:
    """Write the figures, with the machine that they were read on, and the text, and print it.

    Parameters
    ----------
    name : str
        Of the benchmark.
    figures : dict of str to object
        All that was measured, as JSON has it.
    text : str
        Markdown.
    headlines : sequence of Headline
        Figures that go into the history; those that have become worse are told.
    """
    write_figures(name, figures)
    report_path(name, ".md").write_text(text)
    click.echo(text)
    for sentence in record(name, str(describe_machine()["cpu"]), headlines):
        click.echo(f"Worse than before: {sentence}", err=True)
