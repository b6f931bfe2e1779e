"""The environment of a run: its variables, and the versions of what is installed."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path

__all__ = [
    "RUN_VARIABLES",
    "environment_variables",
    "installed_versions",
    "packages_importable",
    "take_active_run",
]

RUN_VARIABLES = ("MLFLOW_RUN_ID", "MLFLOW_EXPERIMENT_ID")
"""In which ``mlflow run`` names the run that it has begun, and its experiment."""

# The last one is this project, which its modules do not lead to but by a search of all packages.
_PACKAGES = (
    "tensorflow",
    "keras",
    "scikit-learn",
    "mlflow",
    "numpy",
    "pandas",
    "mlp-techniques",
)


@contextmanager
def environment_variables(**values: str) -> Iterator[None]:
    """Set environment variables for a while."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def take_active_run() -> dict[str, str | None]:
    """Take the run that ``mlflow run`` has begun out of the environment.

    Processes that are started later must not take it for theirs.

    Returns
    -------
    dict
        ``run_id`` and ``experiment_id``; None where the variable is not set.
    """
    run, experiment = (os.environ.pop(name, None) for name in RUN_VARIABLES)
    return {"run_id": run, "experiment_id": experiment}


def installed_versions() -> dict[str, str]:
    """Versions of Python, of the packages that decide a result, and of this project.

    Packages that are not installed are left out.
    """
    versions = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return versions


def packages_importable() -> dict[str, str]:
    """The environment variable with which a new process finds the packages of this project."""
    root = str(Path(__file__).parents[2])
    return {"PYTHONPATH": os.pathsep.join([root, *filter(None, [os.environ.get("PYTHONPATH")])])}
