"""The entry point ``optuna`` as its user meets it, and what it leaves in the store."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

import pandas as pd
import pytest
from mlflow import MlflowClient

from pipelines import load_dataset
from pipelines.preset import load_variants
from pipelines.tracking import load_pipeline

ROOT = Path(__file__).parents[3]

N_FIRST = 1 + len(load_variants())

SPACE = """
hidden_layer_sizes: [[4], [8]]
optimizer: sgd
momentum: 0.9
learning_rate: [1e-6, 0.1, 1e6]
batch_size: 16
epochs: 10
"""


@pytest.fixture
def folder(bare_folder, monkeypatch, fresh_database):
    """A working folder, with a store and a space in it."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{bare_folder / 'mlflow.db'}")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    shutil.copy(fresh_database, bare_folder / "mlflow.db")
    (bare_folder / "space.yaml").write_text(SPACE)
    return bare_folder


@pytest.fixture
def client(folder):
    return MlflowClient(tracking_uri=os.environ["MLFLOW_TRACKING_URI"])


@pytest.fixture
def run(forks):
    """A function that runs the command in a process of its own."""
    command = [sys.executable, "-m", "pipelines", "optuna", "--dataset=iris"]
    return lambda *options: forks.run([*command, *options], timeout=300)


def searches_of(client):
    """Parent runs with their children, the oldest first."""
    experiment = client.get_experiment_by_name("optuna").experiment_id
    runs = client.search_runs([experiment], order_by=["attributes.start_time"])
    parents = [run for run in runs if "mlflow.parentRunId" not in run.data.tags]
    children = {parent.info.run_id: {} for parent in parents}
    for child in runs:
        if child not in parents:
            number = int(child.data.tags["candidate"])
            children[child.data.tags["mlflow.parentRunId"]][number] = child
    parents.sort(key=lambda parent: parent.info.start_time)
    return [(parent, children[parent.info.run_id]) for parent in parents]


def artifact(client, run, path):
    return Path(client.download_artifacts(run.info.run_id, path)).read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_search_and_its_resumption(run, client, folder):
    options = ["--space=space.yaml", "--preset=plain", "--sampler=random"]
    options += ["--baselines=none", "--ensemble=1"]
    first = run(*options, "--n-trials=9")
    assert first.returncode == 0, first.stderr
    ((parent, children),) = searches_of(client)
    check_output(first, parent)
    check_children(client, children)
    check_parent(client, parent, children)

    again = run(*options, "--n-trials=11", "--resume=true")
    assert again.returncode == 0, again.stderr
    (_, (resumed, resumed_children)) = searches_of(client)
    assert sorted(resumed_children) == list(range(11))
    for number, child in children.items():
        other = resumed_children[number]
        assert other.data.tags["resumed"] == "true"
        assert other.data.params == child.data.params
        assert other.data.metrics == child.data.metrics
    assert "resumed" not in resumed_children[10].data.tags
    assert resumed.data.params["search.study"] == parent.data.params["search.study"]


def check_output(done, parent):
    # The preset, which the space does not have.
    assert done.stdout.startswith("Take #0 outside the space: validation accuracy ")
    assert f"run {parent.info.run_id} in " in done.stdout
    assert re.search(r"diverged: Training diverged", done.stdout)
    assert "Pruned after" not in done.stdout
    assert len(done.stderr.splitlines()) == 9
    assert (Path.cwd() / "optuna.journal").exists()


def check_children(client, children):
    assert sorted(children) == list(range(9))
    outcomes = {child.data.tags["outcome"] for child in children.values()}
    assert outcomes == {"complete", "pruned", "diverged"}
    preset = children[0]
    assert preset.data.params["hidden_layer_sizes"] == "100"
    assert preset.data.tags["outcome"] == "complete"
    for number, child in children.items():
        if number == 0:
            continue
        outcome, rate = child.data.tags["outcome"], child.data.params["learning_rate"]
        expected = {"complete": "FINISHED", "pruned": "FINISHED", "diverged": "FAILED"}
        assert child.info.status == expected[outcome]
        assert (outcome == "diverged") == (rate == "1000000.0")
        assert child.data.params.keys() == {
            "hidden_layer_sizes",
            "optimizer",
            "momentum",
            "learning_rate",
            "batch_size",
            "epochs",
        }
        curve = client.get_metric_history(child.info.run_id, "curves/loss")
        if outcome == "complete":
            assert len(curve) == 10
        elif outcome == "pruned":
            assert rate == "1e-06"
            assert child.data.tags["reason"].startswith(f"Pruned after epoch {len(curve)}:")


def check_parent(client, parent, children):
    assert (parent.info.run_name, parent.info.status) == ("iris optuna", "FINISHED")
    params = parent.data.params
    assert params["search.n_trials"] == "9"
    assert params["search.sampler"] == "random"
    assert params["search.storage"] == "optuna.journal"
    assert (params["search.n_first"], params["search.n_first_left_out"]) == ("1", "12")
    assert params["search.study"].startswith("search-")
    complete = [c for c in children.values() if c.data.tags["outcome"] == "complete"]
    best = max(complete, key=lambda child: child.data.metrics["validation_accuracy"])
    top = best.data.metrics["validation_accuracy"]
    assert parent.data.metrics["validation_accuracy"] == top
    assert parent.data.tags["best_run_id"] in {
        child.info.run_id for child in complete if child.data.metrics["validation_accuracy"] == top
    }
    assert 0 <= parent.data.metrics["test_accuracy"] <= 1
    assert artifact(client, parent, "space.yaml") == SPACE
    table = pd.read_csv(client.download_artifacts(parent.info.run_id, "results.csv"))
    assert len(table) == 9
    page = artifact(client, parent, "search.html")
    assert '<h2 id="history">' in page
    assert len(page) < 500_000
    pipeline = load_pipeline(parent.info.run_id)
    assert pipeline.predict(load_dataset("iris").X).shape == (150,)


@pytest.mark.slow
def test_several_objectives_and_the_default_space(run, client, folder):
    done = run(
        f"--n-trials={N_FIRST}",
        "--epochs=1",
        "--folds=2",
        "--objectives=score,n_weights",
        "--n-jobs=2",
    )
    assert done.returncode == 0, done.stderr
    ((parent, children),) = searches_of(client)
    assert parent.data.params["search.n_first"] == str(N_FIRST)
    assert int(parent.data.params["search.n_pareto"]) >= 1
    assert "Pareto front</h2>" in artifact(client, parent, "search.html")
    assert {child.data.params["epochs"] for child in children.values()} == {"1"}
    activations = {child.data.params["activation"] for child in children.values()}
    assert activations >= {"silu", "mish"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--space=none.yaml"], "Error: The space file none.yaml cannot be read: No such file or"),
        (["--sampler=tep"], "Error: There is no sampler 'tep' (did you mean 'tpe'?); choose one"),
        (["--n-trials=0"], "Error: Invalid value for '--n-trials': 0 is not in the range x>=1."),
        (["--storage=study.db"], "Error: The storage study.db looks like a database but is taken"),
    ],
)
def test_mistakes_are_one_sentence(folder, client, run_command, options, message):
    code, out, err = run_command("optuna", "--dataset=iris", *options)
    assert (code, out) == (2, "")
    assert err.startswith(message)
    assert len(err.splitlines()) == 1
    assert client.get_experiment_by_name("optuna") is None  # told before a run is opened
