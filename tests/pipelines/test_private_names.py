"""Private names of other libraries are touched in one module for each."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

WHERE = {
    "sklearn": {"pipelines/sklearn_internals.py"},
    "joblib": {"pipelines/search/dask_workers.py"},
    "optuna": set(),
}
EXPERIMENTAL = {
    "GrpcStorageProxy",
    "RetryHeartbeatStaleTrialCallback",
    "fail_stale_trials",
    "heartbeat_interval",
}


def is_private(name):
    return bool(re.search(r"(^|\.)_(?!_)", name))


def sources():
    for path in sorted((ROOT / "pipelines").rglob("*.py")):
        yield str(path.relative_to(ROOT)), path.read_text("utf-8")


def private_imports(text):
    """Full names of what a module imports, where a part of it is private."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        yield from (name for name in names if is_private(name))


@pytest.mark.parametrize("library", WHERE)
def test_imports(library):
    found = {
        path
        for path, text in sources()
        for name in private_imports(text)
        if name.split(".")[0] == library
    }
    assert found == WHERE[library]


def test_attributes():
    """None of another object's, but where scikit-learn's are wrapped."""
    found = {
        path
        for path, text in sources()
        if path.startswith(("pipelines/search", "pipelines/optuna_search", "pipelines/sklearn"))
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Attribute)
        and is_private(node.attr)
        and ast.unparse(node.value) not in ("self", "cls", "super()")
    }
    assert found == WHERE["sklearn"]


def test_experimental_names():
    found = {
        path for path, text in sources() if any(re.search(rf"\b{n}\b", text) for n in EXPERIMENTAL)
    }
    assert found - {"pipelines/optuna_search/experimental.py"} == {
        "pipelines/optuna_search/trial_queue.py"  # calls the wrapped one
    }
