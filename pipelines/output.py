"""What a command writes: files and folders, checked before the work is done, and plain pages."""

from __future__ import annotations

import html
import os
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from pipelines.errors import InputError, listed

__all__ = ["check_output_file", "check_output_folder", "table_page"]


def check_output_file(path: Path, suffixes: Sequence[str]) -> None:
    """Refuse a file that could not be written in the end.

    Parameters
    ----------
    path : Path
    suffixes : sequence of str
        The endings that it can have.

    Raises
    ------
    InputError
    """
    if path.is_dir():
        raise InputError(f"{path} is a folder, but a file is to be written; give the path of one.")
    if not path.name.lower().endswith(tuple(suffixes)):
        raise InputError(
            f"The format of {path} cannot be told from its name; let it end in one of "
            f"{', '.join(suffixes)}."
        )
    check_output_folder(path.absolute().parent)
    if path.exists() and not os.access(path, os.W_OK):
        raise InputError(f"{path} is there and may not be written to; give another path.")


def check_output_folder(path: Path) -> None:
    """Refuse a folder that could not be made or written to in the end.

    Raises
    ------
    InputError
    """
    nearest = next(folder for folder in (path, *path.absolute().parents) if folder.exists())
    if not nearest.is_dir():
        raise InputError(
            f"{path} cannot be a folder to write to, for {listed([str(nearest)])} is a file; give "
            "another path."
        )
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise InputError(f"Nothing may be written to {nearest}; give another path than {path}.")
    try:
        # Rights alone do not tell, of an administrator or a file system that takes nothing.
        with TemporaryDirectory(dir=nearest):
            pass
    except OSError as error:
        raise InputError(
            f"Nothing can be written to {nearest} ({error.strerror}); give another path than {path}."
        ) from error


def table_page(title: str, text: str, rows: str) -> str:
    """Return a page of HTML with one table.

    Parameters
    ----------
    title : str
    text : str
        What stands above the table, plain.
    rows : str
        The table, as ``DataFrame.to_html`` returns it.
    """
    return _PAGE.format(title=html.escape(title), text=html.escape(text), rows=rows)


_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark }}
body {{ font: 16px/1.5 system-ui, sans-serif; margin: 2em auto; max-width: 80em; padding: 0 1em }}
p {{ max-width: 46em }}
div {{ overflow-x: auto }}
table {{ border-collapse: collapse; font-variant-numeric: tabular-nums }}
th, td {{ padding: .4em 1.2em .4em 0; text-align: left; border-bottom: 1px solid #8886 }}
</style>
<h1>{title}</h1>
<p>{text}</p>
<div>{rows}</div>
</html>
"""
