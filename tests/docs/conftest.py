from __future__ import annotations

import sys
from pathlib import Path

import pytest


@pytest.fixture
def extensions(monkeypatch):
    """The folder of the site's own extensions, from which they can be imported."""
    pytest.importorskip("sphinx", reason="the site is not built here")
    folder = Path(__file__).parents[2] / "docs" / "extensions"
    monkeypatch.setattr(sys, "path", [str(folder), *sys.path])
    return folder
