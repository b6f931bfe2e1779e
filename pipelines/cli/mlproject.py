"""The file ``MLproject``, made from the options of the commands."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Mapping

import click
import yaml

__all__ = ["mlproject_text"]

# `mlflow run` has an option of its own for it.
_NOT_A_PARAMETER = "experiment"

_GLUE = "\N{NO-BREAK SPACE}"

_HEADER = """\
# Made by `python -m pipelines mlproject > MLproject` from the options of the commands.
name: mlp-techniques

conda_env: conda.yaml

entry_points:
"""


def mlproject_text(commands: Mapping[str, click.Command]) -> str:
    """Write an entry point for each command, with a parameter for each of its options.

    Parameters
    ----------
    commands : mapping of str to click.Command
        By the name of the entry point.
    """
    return _HEADER + "".join(
        line for name, command in commands.items() for line in _entry_point(name, command)
    )


def _entry_point(name: str, command: click.Command) -> Iterator[str]:
    options = {
        option.opts[0].removeprefix("--").replace("-", "_"): option
        for option in command.params
        if isinstance(option, click.Option)
    }
    options.pop(_NOT_A_PARAMETER, None)
    yield f"  {name}:\n    parameters:\n"
    for parameter, option in options.items():
        yield f"      {parameter}: {{type: string, default: {_scalar(option.default)}}}\n"
    words = [f"{option.opts[0]} {{{parameter}}}" for parameter, option in options.items()]
    lines = textwrap.wrap(  # an option and its value stay on one line
        " ".join([f"python -m pipelines {name}", *(word.replace(" ", _GLUE) for word in words)]),
        width=98,
        initial_indent=" " * 6,
        subsequent_indent=" " * 6,
        break_long_words=False,
        break_on_hyphens=False,
    )
    yield "    command: >-\n" + "\n".join(lines).replace(_GLUE, " ") + "\n"


def _scalar(default: object) -> str:
    """A default as YAML, in quotes only where it needs them."""
    if not isinstance(default, str):
        return json.dumps(default)
    is_plain = yaml.safe_load(f"[{default}]") == [default]
    return default if is_plain else json.dumps(default)
