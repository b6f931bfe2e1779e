"""What a benchmark leaves beside itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from benchmarks.machine import describe_machine

__all__ = ["report_path", "write_report"]


def report_path(name: str, suffix: str) -> Path:
    """Where a benchmark's figures (``.json``), text (``.md``) and plot (``.svg``) are."""
    return Path(__file__).with_name(name + suffix)


def write_report(name: str, figures: Mapping[str, Any], text: str) -> None:
    """Write the figures, with the machine that they were read on, and the text, and print it."""
    content = {"machine": describe_machine(), **figures}
    report_path(name, ".json").write_text(json.dumps(content, indent=1) + "\n")
    report_path(name, ".md").write_text(text)
    click.echo(text)
