"""What is wrong with the options is reported without the seconds that heavy imports take."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
CODE = """
import sys
from pipelines.cli import main
try:
    main()
finally:
    heavy = {"tensorflow", "keras", "mlflow", "optuna", "distributed", "plotly"}
    print(sorted(heavy & sys.modules.keys()))
"""


@pytest.mark.parametrize("command", ["explain", "grid", "optuna", "techniques"])
@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("--dataset=nothing.csv", "Error: There is no file nothing.csv;"),
        ("--folds=three", "Error: Invalid value for '--folds'"),
        ("--metrics=acuracy", "Error: There is no metric 'acuracy'"),
    ],
)
def test_a_wrong_option(command, option, message):
    if command == "techniques" and option != "--dataset=nothing.csv":
        pytest.skip("it has no such option")
    done = subprocess.run(
        [sys.executable, "-c", CODE, command, "--dataset=iris", option],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith(message)
    assert done.stdout == "[]\n"
