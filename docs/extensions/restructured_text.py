"""Parts of a page in reStructuredText."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence

__all__ = ["bullets", "definition", "heading", "linked", "list_table", "literal"]


def literal(text: str) -> str:
    """Return code within a line.

    Examples
    --------
    >>> literal("dropout")
    '``dropout``'
    """
    return f"``{text}``"


def heading(text: str, underline: str) -> str:
    r"""Return a heading; ``underline`` is one character, by which its level is known.

    Examples
    --------
    >>> heading("When", "-")
    'When\n----'
    """
    return f"{text}\n{underline * len(text)}"


def bullets(lines: Iterable[str]) -> str:
    r"""Return a list.

    Examples
    --------
    >>> bullets(["a", "b"])
    '- a\n- b'
    """
    return "\n".join(f"- {line}" for line in lines)


def definition(term: str, paragraphs: Iterable[str]) -> str:
    """Return a term with the paragraphs that explain it."""
    return f"{term}\n" + textwrap.indent("\n\n".join(paragraphs), "    ")


def list_table(head: Sequence[str], rows: Iterable[Sequence[str]], widths: Sequence[int]) -> str:
    """Return a table with a row of headings, and relative widths of its columns."""
    lines = [
        ".. list-table::",
        "   :header-rows: 1",
        f"   :widths: {' '.join(map(str, widths))}",
        "",
    ]
    for row in (head, *rows):
        for number, cell in enumerate(row):
            lines.append(f"   {'* -' if number == 0 else '  -'} {cell}".rstrip())
    return "\n".join(lines)


def linked(text: str, references: Mapping[str, tuple[str, str]]) -> str:
    """Return a docstring's text with links in place of its citations.

    Parameters
    ----------
    text : str
        With citations such as ``[He2015]_``.
    references : mapping of str to tuple of (text, url)
        By key.

    Examples
    --------
    >>> linked("As [A1]_ has it.", {"A1": ("A 2001", "https://a.org")})
    'As `A 2001 <https://a.org>`__ has it.'
    """

    def link(match: re.Match[str]) -> str:
        label, url = references[match[1]]
        return f"`{label} <{url}>`__"

    return re.sub(r"\[(\w+)\]_", link, text)
