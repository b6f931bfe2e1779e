"""Which module may import what, and what a package's ``__init__`` holds."""

from __future__ import annotations

import ast
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ESTIMATORS = sorted((ROOT / "estimators").rglob("*.py"))
PACKAGES = sorted(
    path
    for package in ("estimators", "pipelines")
    for path in (ROOT / package).rglob("__init__.py")
)


def name_of(path):
    return str(path.relative_to(ROOT))


def imported(path):
    """Top-level names of the modules that a module imports anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." if node.level else node.module.split(".")[0]


def in_order(names):
    """As the linter sorts ``__all__``: constants, classes, functions."""
    return sorted(names, key=lambda name: (not name.isupper(), name[0].islower(), name))


def test_there_is_something_to_look_at():
    assert len(ESTIMATORS) > 10
    assert len(PACKAGES) > 5


@pytest.mark.parametrize("path", ESTIMATORS, ids=name_of)
def test_estimators_stand_alone(path):
    assert not set(imported(path)) & {"pipelines", "mlflow", "optuna", "tests", "."}


def test_one_module_imports_scikeras():
    everywhere = [*ESTIMATORS, *(ROOT / "pipelines").rglob("*.py")]
    assert [name_of(path) for path in everywhere if "scikeras" in imported(path)] == [
        "estimators/_scikeras.py"
    ]


def test_what_is_imported_is_declared():
    """Of third parties only what the project's own metadata names."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = {requirement.split(">")[0].split("=")[0] for requirement in project["dependencies"]}
    module_of = {"scikit-learn": "sklearn", "pyyaml": "yaml", "lazy-loader": "lazy_loader"}
    known = {module_of.get(name, name) for name in declared} | set(sys.stdlib_module_names)
    used = {module for path in ESTIMATORS for module in imported(path)} - {"estimators"}
    assert used <= known


def public_names(path):
    """What ``__all__`` says, however it is written."""
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Assign | ast.AnnAssign):
            (target,) = node.targets if isinstance(node, ast.Assign) else [node.target]
            if ast.unparse(target) == "__all__":
                return ast.literal_eval(node.value)
    return None


@pytest.mark.parametrize("path", PACKAGES, ids=name_of)
def test_package_holds_docstring_imports_and_public_names(path):
    docstring, *rest = ast.parse(path.read_text()).body
    assert isinstance(docstring, ast.Expr)
    assert isinstance(docstring.value.value, str)
    stub = path.with_suffix(".pyi")
    if stub.exists():  # a package that imports lazily
        (library, attached) = rest
        assert ast.unparse(library) == "import lazy_loader"
        assert "attach_stub(__name__, __file__)" in ast.unparse(attached)
        path, rest = stub, ast.parse(stub.read_text()).body
    imports = [node for node in rest if isinstance(node, ast.Import | ast.ImportFrom)]
    others = [ast.unparse(node).split(" ")[0] for node in rest if node not in imports]
    assert others in ([], ["__all__"])
    bound = {alias.asname or alias.name for node in imports for alias in node.names}
    public = public_names(path) or []
    assert set(public) <= bound
    assert public == in_order(public)
    assert bool(public) or not imports


@pytest.mark.parametrize("path", ESTIMATORS, ids=name_of)
def test_module_says_what_is_public(path):
    public = public_names(path)
    if path.name == "__init__.py" and public is None:
        return
    assert public == in_order(public)
    assert len(set(public)) == len(public)


SEAMS = ("_keras.py", "_scikeras.py", "_sklearn.py", "_tensorflow.py")
PRIVATE_PACKAGES = ("keras.src", "tensorflow.python", "tensorflow.core")


OF_NAMED_TUPLES = ("_asdict", "_fields", "_make", "_replace")  # public, as Python has it


def is_private(name):
    return name.startswith("_") and not name.startswith("__") and name not in OF_NAMED_TUPLES


def private_imports(node):
    if isinstance(node, ast.Import):
        modules, names = [alias.name for alias in node.names], []
    elif isinstance(node, ast.ImportFrom):
        modules, names = [node.module], [alias.name for alias in node.names]
    else:
        return
    for module in modules:
        if module.split(".")[0] != "estimators":
            parts = [part for part in module.split(".") if is_private(part)]
            yield from [module] * bool(parts or module.startswith(PRIVATE_PACKAGES))
            yield from (name for name in names if is_private(name))


def private_attributes(node):
    """Private names of what is not the object itself, or its class, read or asked for by name."""
    if isinstance(node, ast.Attribute) and is_private(node.attr):
        owner, name = node.value, node.attr
    elif (
        isinstance(node, ast.Call)
        and ast.unparse(node.func) in ("getattr", "hasattr", "setattr", "delattr")
        and isinstance(node.args[1], ast.Constant)
        and is_private(node.args[1].value)
    ):
        owner, name = node.args[0], node.args[1].value
    else:
        return
    if ast.unparse(owner) not in ("self", "cls", "super()"):
        yield f"{ast.unparse(owner)}.{name}"


def private_names(source):
    nodes = [*ast.walk(ast.parse(source))]
    found = [name for node in nodes for name in private_imports(node)]
    return found + [name for node in nodes for name in private_attributes(node)]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("from sklearn.utils import _safe_indexing", ["_safe_indexing"]),
        ("import sklearn.utils._param_validation", ["sklearn.utils._param_validation"]),
        ("from keras.src.trainers import trainer", ["keras.src.trainers"]),
        ("from tensorflow.python.eager import context", ["tensorflow.python.eager"]),
        ("getattr(model, '_initial_epoch', None)", ["model._initial_epoch"]),
        ("graph._functions.values()", ["graph._functions"]),
        ("from estimators._sklearn import Interval; self._model; cls._x; a.__class__", []),
    ],
)
def test_private_names_are_found(source, found):
    assert private_names(source) == found


@pytest.mark.parametrize("path", ESTIMATORS, ids=name_of)
def test_private_names_of_others_are_in_one_module_a_library(path):
    if path.name in SEAMS:
        libraries = set(imported(path)) - {"__future__", "estimators"} - sys.stdlib_module_names
        private = {
            module.split(".")[0]
            for node in ast.walk(ast.parse(path.read_text()))
            if list(private_imports(node))
            for module in [node.module]
        }
        assert private <= {path.stem.removeprefix("_")}
        assert path.stem.removeprefix("_") in libraries
    else:
        assert private_names(path.read_text()) == []
