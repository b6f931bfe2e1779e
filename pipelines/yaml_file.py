"""YAML files of users, and errors about them in one sentence."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from pipelines.errors import InputError

__all__ = ["parse_yaml", "read_yaml_file"]


class _Loader(yaml.SafeLoader):
    """Reads YAML 1.2 where PyYAML's 1.1 would surprise.

    1e-3 is a number, not text; and a key that stands twice is an error, not lost.
    """

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"the key {key.value!r} stands there twice", problem_mark=key.start_mark
                )
            seen.add(str(key.value))
        return super().construct_mapping(node, deep)


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)[eE][-+]?\d+$"),
    list("-+.0123456789"),
)


def read_yaml_file(path: str | Path, what: str) -> str:
    """Read the text of a file.

    Parameters
    ----------
    path : str or Path
    what : str
        What the error messages call it.

    Raises
    ------
    InputError
        If it cannot be read.
    """
    try:
        return Path(path).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise InputError(f"The {what} {path} cannot be read: {reason}.") from error


def parse_yaml(text: str, source: str) -> Any:
    """Return what a YAML text holds.

    Parameters
    ----------
    text : str
    source : str
        What the error messages call it.

    Raises
    ------
    InputError
        For text that is not YAML, with the line, or that is nested too deeply.
    """
    try:
        return yaml.load(text, _Loader)  # a SafeLoader
    except (yaml.YAMLError, ValueError) as error:  # ValueError: a date such as 2024-02-30
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        problem = getattr(error, "problem", None) or " ".join(str(error).split())
        raise InputError(f"{source} is not YAML{where}: {problem}.") from error
    except RecursionError:
        raise InputError(f"{source} is nested too deeply; write it with fewer levels.") from None
