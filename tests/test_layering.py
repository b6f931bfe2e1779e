"""What may import what in ``pipelines``; ``tests/estimators`` has the same for ``estimators``."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODULES = sorted(
    path for package in ("estimators", "pipelines") for path in (ROOT / package).rglob("*.py")
)
PIPELINES = [path for path in MODULES if path.is_relative_to(ROOT / "pipelines")]

# Each imports of those on its own line and above only.
LAYERS = [
    {"errors"},
    {
        "optional_imports",
        "output",
        "passwords",
        "processes",
        "signals",
        "sklearn_internals",
        "statistics",
        "yaml_file",
    },
    {"data"},
    {"input_statistics", "intervals", "preprocessing", "preset"},
    {"grid", "plain_input", "space"},
    {"pipeline"},
    {"search"},
    {
        "challenge",
        "comparison",
        "export",
        "model_card",
        "optuna_search",
        "prediction",
        "repair",
        "tracker",
    },
    {"report", "tracking"},
    {"ablation", "study"},
    {"transfer"},
    {"cli"},
    {"__main__"},
]

# These are run, by Python and by MLflow, and nobody imports from them.
SCRIPTS = ("__main__.py", "served_model.py")


def name_of(path):
    return str(path.relative_to(ROOT))


def imported(path):
    """Full names of the modules that a module imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name_of(path)} has a relative import"
            yield node.module


def part_of(path):
    """The subpackage or module of ``pipelines`` that a file belongs to."""
    return path.relative_to(ROOT / "pipelines").with_suffix("").parts[0]


def test_tracking_is_written_without_tensorflow():
    """The writer starts quickly and is small; it imports what stores records, nothing else."""
    code = "import sys, pipelines.tracking.recording; print('tensorflow' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"


def test_there_is_something_to_look_at():
    assert len(PIPELINES) > 30
    parts = {part_of(path) for path in PIPELINES} - {"__init__"}
    assert parts - {"grids", "presets", "spaces"} == set().union(*LAYERS)


@pytest.mark.parametrize(
    ("library", "package"),
    [("mlflow", "pipelines/tracking"), ("optuna", "pipelines/optuna_search")],
)
def test_one_package_imports_it(library, package):
    importers = {
        str(path.relative_to(ROOT).parent)
        for path in MODULES
        if any(module.split(".")[0] == library for module in imported(path))
    }
    assert importers == {package}


@pytest.mark.parametrize(
    "path", [path for path in PIPELINES if part_of(path) != "__init__"], ids=name_of
)
def test_imports_run_one_way(path):
    part = part_of(path)
    (level,) = [number for number, layer in enumerate(LAYERS) if part in layer]
    allowed = {part}.union(*LAYERS[:level])
    for module in imported(path):
        package, *rest = module.split(".")
        assert package not in ("tests", "benchmarks")
        if package == "pipelines" and rest:
            assert rest[0] in allowed, f"{part} imports {module}"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_no_module_is_too_long(path):
    assert len(path.read_text("utf-8").splitlines()) <= 400


@pytest.mark.parametrize(
    "path", [path for path in PIPELINES if path.name not in SCRIPTS], ids=name_of
)
def test_each_module_says_what_is_public(path):
    stub = path.with_suffix(".pyi")  # of a package that imports lazily
    text = (stub if stub.exists() else path).read_text("utf-8")
    assigned = {
        ast.unparse(target): node.value
        for node in ast.parse(text).body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
    }
    public = ast.literal_eval(assigned["__all__"])
    # As the linter sorts: constants, classes, functions.
    assert public == sorted(public, key=lambda name: (not name.isupper(), name[0].islower(), name))
    assert len(set(public)) == len(public) > 0
