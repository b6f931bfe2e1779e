"""What is wrong with the options is reported without the seconds that heavy imports take."""

from __future__ import annotations

import os
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


OPTIONS = """
import sys
from pipelines.cli import main
try:
    main()
finally:
    print(sorted({"pandas", "sklearn", "scipy", "numpy"} & sys.modules.keys()))
"""
ENDING = """
import atexit, gc
atexit.register(lambda: print(gc.get_freeze_count() > 0))
from pipelines.cli import main
main()
"""


def run(code, *arguments, folder=ROOT):
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("command", ["explain", "grid", "optuna", "techniques", "diagnose"])
def test_options_are_read_without_pandas_and_scikit_learn(command):
    done = run(OPTIONS, command, "--seed=first")
    assert done.returncode == 2
    assert done.stdout == "[]\n"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--dataset=irsi"], "Error: There is no data set 'irsi' (did you mean 'iris'?)"),
        (["--dataset=nothing.csv"], "Error: There is no file nothing.csv"),
        (["--dataset=a.csv", "--target=c"], "Error: a.csv has no column 'c' to take as target"),
    ],
)
def test_a_data_set_that_cannot_be_loaded_is_told_without_scikit_learn(tmp_path, options, message):
    """It takes longer to import than all that the sentence needs."""
    (tmp_path / "a.csv").write_text("a,b\n1,2\n")
    done = run(OPTIONS, "grid", *options, folder=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith(message)
    assert done.stdout == "['numpy', 'pandas']\n"


@pytest.mark.parametrize(
    ("command", "option", "message"),
    [
        ("grid", "--grid=no.yaml", "Error: The grid file no.yaml cannot be read: No such"),
        ("grid", "--grid=deep.yaml", "Error: the grid file deep.yaml is nested too deeply"),
        ("grid", "--grid=fixed.yaml", "Error: the grid file fixed.yaml has 'fixed' but no 'grids'"),
        ("optuna", "--space=no.yaml", "Error: The space file no.yaml cannot be read: No such"),
        ("optuna", "--space=deep.yaml", "Error: the space file deep.yaml is nested too deeply"),
    ],
)
def test_a_wrong_file_is_told_before_the_data_are_loaded(tmp_path, command, option, message):
    (tmp_path / "deep.yaml").write_text("[" * 5000 + "]" * 5000)
    (tmp_path / "fixed.yaml").write_text("fixed: {epochs: 1}")
    done = run(OPTIONS, command, "--dataset=iris", option, folder=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith(message)
    assert done.stdout == "[]\n"


def test_nothing_is_freed_as_a_command_ends():
    """To take apart what TensorFlow has made takes seconds."""
    assert run(ENDING, "hyperparameters").stdout.endswith("True\n")


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


def test_a_diagnosis_is_imported_without_tensorflow():
    """Searches import what it finds before they know whether anything will be trained."""
    done = run("import sys, estimators.diagnosis\nprint('tensorflow' in sys.modules)")
    assert done.stdout == "False\n", done.stderr
