"""The gallery's examples run, each in a process of its own as a reader would start it."""

from __future__ import annotations

import ast
import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "docs" / "examples").glob("plot_*.py"))

pytest.importorskip("matplotlib", reason="the pictures need matplotlib")


def test_there_are_examples():
    assert len(EXAMPLES) >= 6


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_each_begins_with_a_title_and_a_paragraph(path):
    title, line, empty, paragraph, *_ = ast.get_docstring(ast.parse(path.read_text("utf-8"))).split(
        "\n"
    )
    assert line == "=" * len(title)
    assert not empty
    assert paragraph


@pytest.mark.slow
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_each_runs_and_draws(path, tmp_path, forks):
    code = (
        "import runpy, sys, matplotlib.pyplot as plt\n"
        "runpy.run_path(sys.argv[1])\n"
        "assert plt.get_fignums(), 'no figure was drawn'\n"
    )
    done = forks.run(
        [sys.executable, "-c", code, path],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "MPLBACKEND": "agg"},
    )
    assert done.returncode == 0, done.stderr
    assert not list(tmp_path.iterdir())
