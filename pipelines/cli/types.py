"""Types of options, in which an empty text is none, as MLproject's defaults have it."""

from __future__ import annotations

import csv
from typing import Any

import click

__all__ = ["Names", "Optional"]


class Names(click.ParamType):
    """Names separated by commas, in double quotes where one has a comma; an empty text is none."""

    name = "names"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if not isinstance(value, str):
            return value
        rows = csv.reader([value], skipinitialspace=True)
        return tuple(name.strip() for row in rows for name in row if name.strip())


class Optional(click.ParamType):
    """A value of some type, or an empty text for none."""

    def __init__(self, type_: type):
        self.inner = click.types.convert_type(type_)
        self.name = self.inner.name

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        return None if value in ("", None) else self.inner.convert(value, param, ctx)
