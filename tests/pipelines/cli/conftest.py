"""Commands in processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def start_command(forks):
    """A function that starts a command in a folder."""

    def start(command, folder, *options, columns=80):
        kept = {name: value for name, value in os.environ.items() if not name.startswith("MLFLOW_")}
        return forks.start(
            [sys.executable, "-m", "pipelines", command, *options],
            cwd=folder,
            env={**kept, "PYTHONPATH": str(ROOT), "COLUMNS": str(columns)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    return start


@pytest.fixture(scope="session")
def finish_command(start_command):
    """A function that runs one to its end, and returns exit code and both outputs."""

    def finish(*arguments, **how):
        process = start_command(*arguments, **how)
        out, err = process.communicate(timeout=500)
        return process.returncode, out, err

    return finish
