"""The command line: what the entry points of ``MLproject`` run."""

from pipelines.cli.command_line import cli, main

__all__ = ["cli", "main"]
