"""The commands of the how-to guides exist, with the options that they are printed with."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipelines.cli import cli

PAGES = sorted((Path(__file__).parents[2] / "docs" / "how_to").glob("*.md"))
PAGES_INDEX = next(page for page in PAGES if page.stem == "index").read_text("utf-8")
COMMANDS = [
    pytest.param(words[0], words[1], id=f"{page.stem}: mlp {words[0]}{words[1]}")
    for page in PAGES
    for words in re.findall(r"\bmlp ([a-z]+)((?: +[^\n`|;]+)?)", page.read_text("utf-8"))
]


@pytest.mark.parametrize(("name", "arguments"), COMMANDS)
def test_commands_have_their_options(name, arguments):
    known = {option for param in cli.commands[name].params for option in param.opts}
    assert set(re.findall(r"(?<!\S)--[a-z][a-z-]*", arguments)) <= known


def test_every_page_stands_in_the_index():
    names = {page.stem for page in PAGES} - {"index"}
    listed = re.search(r"```{toctree}.*?\n\n(.*?)```", PAGES_INDEX, re.DOTALL)[1].split()
    assert sorted(listed) == sorted(names)
