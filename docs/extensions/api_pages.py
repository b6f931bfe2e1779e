"""The index of the public names, made from what each package says is public."""

from __future__ import annotations

import importlib
import inspect
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from restructured_text import heading

__all__ = ["PACKAGES", "api_page", "setup"]

PACKAGES = (
    "estimators",
    "pipelines",
    "pipelines.data",
    "pipelines.preprocessing",
    "pipelines.space",
    "pipelines.search",
    "pipelines.optuna_search",
    "pipelines.report",
    "pipelines.tracking",
)


def setup(app: Sphinx) -> dict[str, Any]:
    """Write the index before Sphinx looks for its sources."""
    app.connect("config-inited", lambda app, config: write_index(Path(app.srcdir)))
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def write_index(source: Path) -> None:
    """Write the index into ``generated/api``."""
    path = source / "generated" / "api" / "index.rst"
    path.parent.mkdir(parents=True, exist_ok=True)
    text = api_page()
    if not path.exists() or path.read_text("utf-8") != text:
        path.write_text(text, "utf-8")


def api_page() -> str:
    """Return the page that lists classes, errors and functions, package by package.

    What a package takes from another one of the list stands there alone.
    """
    parts = [heading("API reference", "=")]
    told: set[int] = set()
    for package in PACKAGES:
        module = importlib.import_module(package)
        names = [
            name
            for name in module.__all__
            if inspect.isclass(obj := getattr(module, name)) or inspect.isfunction(obj)
            if id(obj) not in told
        ]
        told |= {id(getattr(module, name)) for name in names}
        if not names:
            continue
        lines = "\n".join(f"   {name}" for name in names)
        parts += [
            heading(package, "-"),
            (module.__doc__ or "").splitlines()[0],
            f".. currentmodule:: {package}",
            f".. autosummary::\n   :toctree: .\n   :nosignatures:\n\n{lines}",
        ]
    return "\n\n".join(parts) + "\n"
