"""A search of a hundred trials: what is printed, and its page in a real browser."""

from __future__ import annotations

import os
import sys

import pytest
from mlflow import MlflowClient

from pipelines.cli import search

pytestmark = pytest.mark.slow

SPACE = """
activation: [relu, tanh]
hidden_layer_sizes: [[4]]
learning_rate: {low: 0.0001, high: 0.1, log: true}
epochs: [1]
"""


@pytest.fixture(scope="module")
def searched(tmp_path_factory, fresh_database, forks):
    """The folder of the search, and what it printed on a terminal of 80 columns."""
    folder = tmp_path_factory.mktemp("hundred")
    (folder / "space.yaml").write_text(SPACE)
    root = os.path.dirname(os.path.dirname(os.path.dirname(search.__file__)))
    variables = {name: value for name, value in os.environ.items() if "MLFLOW_" not in name}
    arguments = ["--dataset", "iris", "--space", "space.yaml", "--n-trials", "100", "--folds", "2"]
    arguments += ["--preset", "plain", "--pruner", "none", "--sampler", "random"]
    arguments += ["--baselines", "none", "--ensemble", "1"]
    done = forks.run(
        [sys.executable, "-m", "pipelines", "optuna", *arguments],
        cwd=folder,
        env={**variables, "PYTHONPATH": root, "COLUMNS": "80"},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return folder, done.stdout


@pytest.fixture(scope="module")
def page(searched):
    folder, _ = searched
    client = MlflowClient(tracking_uri=f"sqlite:///{folder / 'mlflow.db'}")
    experiment = client.get_experiment_by_name("optuna")
    (parent,) = client.search_runs(
        [experiment.experiment_id], "attributes.run_name = 'iris optuna'"
    )
    (path,) = folder.glob(f"mlruns/*/{parent.info.run_id}/artifacts/search.html")
    return path.read_text("utf-8")


def test_lines_of_the_terminal(searched):
    lines = searched[1].splitlines()
    assert lines[0].startswith("Take #")
    # What is to be copied is in one piece.
    wide = [line for line in lines if len(line) > 80]
    assert all(
        line.startswith(("Recorded as run", "To look at it", "http", "Warned")) for line in wide
    )
    assert len(lines) < 60


@pytest.mark.parametrize("width", [390, 1440])
def test_the_page_in_a_browser(page, look_at, width):
    seen, console = look_at(page, width)
    assert (seen["overflow"], seen["cut"]) == (0, 0)
    assert seen["tip"] == seen["expected"]
    assert seen["after"] <= seen["before"]
    assert "CONSOLE" not in console


def test_the_page_is_light(page):
    assert page.count("#99 ") >= 1
    assert len(page.encode()) < 500_000
