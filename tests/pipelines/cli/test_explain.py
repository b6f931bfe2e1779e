"""The entry point, run as users run it."""

from __future__ import annotations

import os
import shutil
import signal
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from mlflow import MlflowClient

from pipelines.cli.explain import ExplainOptions, run_explain
from pipelines.cli.options import DataOptions, RunOptions, ValidationOptions
from pipelines.tracking.worths import find_worths

GRID = "{activation: [selu, elu], hidden_layer_sizes: [[8, 4]], epochs: 3}"
QUICK = ("--dataset=iris", "--grid=grid.yaml", "--seeds=2", "--folds=2")


@pytest.fixture(scope="module")
def start(start_command):
    return partial(start_command, "explain")


@pytest.fixture(scope="module")
def run(finish_command):
    return partial(finish_command, "explain")


@pytest.fixture(scope="module")
def home(tmp_path_factory, fresh_database):
    folder = tmp_path_factory.mktemp("explain")
    shutil.copy(fresh_database, folder / "mlflow.db")
    (folder / "grid.yaml").write_text(GRID)
    return folder


@pytest.fixture(scope="module")
def outcome(home, run):
    code, out, err = run(home, *QUICK, "--row=2", "--n-jobs=2")
    assert code == 0, err
    client = MlflowClient(f"sqlite:///{home / 'mlflow.db'}")
    return out, err, client, *recorded(client)


def recorded(client, experiment="explain"):
    """The newest study of an experiment, and all runs of the experiment."""
    runs = client.search_runs(
        [client.get_experiment_by_name(experiment).experiment_id],
        order_by=["attributes.start_time DESC"],
        max_results=1000,
    )
    parent = next(one for one in runs if "mlflow.parentRunId" not in one.data.tags)
    return parent, runs


def below(runs, parent):
    return [one for one in runs if one.data.tags.get("mlflow.parentRunId") == parent.info.run_id]


def test_terminal(outcome):
    out, err, _, parent, _ = outcome
    assert (
        "3 techniques from plain to best: 8 networks with 2 seeds and 2 folds are 32 fits." in err
    )
    assert "are left, by the time of plain and best." in err
    told, _, rest = out.partition("Recorded as run")
    assert max(map(len, told.splitlines())) <= 80
    assert "best" in told.splitlines()[0]
    assert "architecture" in told
    assert rest.startswith(f" {parent.info.run_id} in sqlite:")


def test_each_network_is_a_child_and_each_seed_a_child_of_it(outcome):
    *_, parent, runs = outcome
    assert parent.info.status == "FINISHED"
    assert parent.info.run_name == "iris explain"
    networks = {one.info.run_name: one for one in below(runs, parent)}
    assert len(networks) == 8
    added = networks["activation added to plain"]
    seeds = below(runs, added)
    assert sorted(one.info.run_name for one in seeds) == [
        "activation added to plain, seed 0",
        "activation added to plain, seed 1",
    ]
    assert added.data.params["activation"] == "elu"  # the second row
    assert added.data.params["epochs"] == "100"
    scores = [one.data.metrics["validation_accuracy"] for one in seeds]
    assert added.data.metrics["validation_accuracy"] == pytest.approx(np.mean(scores))
    assert parent.data.params["search.techniques"] == "activation, architecture, minibatches"


def test_files_of_the_run(outcome):
    *_, client, parent, _ = outcome
    names = {file.path for file in client.list_artifacts(parent.info.run_id)}
    assert {"explain.html", "results.csv", "networks.csv", "techniques.csv"} <= names
    page = Path(client.download_artifacts(parent.info.run_id, "explain.html")).read_text("utf-8")
    assert "What each technique is worth on iris" in page
    assert len(page) < 500_000
    table = pd.read_csv(client.download_artifacts(parent.info.run_id, "techniques.csv"))
    assert table["technique"].tolist() == ["activation", "architecture", "minibatches"]


def test_the_worth_is_there_for_searches_on_other_data(outcome):
    *_, client, _, _ = outcome
    found = {next(iter(one.hyperparameters)): one for one in find_worths(client)}
    assert found["activation"].hyperparameters == {"activation": "elu"}
    assert {one.dataset for one in found.values()} == {"iris"}


def test_a_search_on_other_data_suggests_what_helped(outcome, home, run, finish_command):
    *_, client, parent, _ = outcome
    client.set_tag(
        parent.info.run_id,
        "techniques.worth",
        '[["iris", "classification", {"residual": true}, "better"]]',
    )
    (home / "one.yaml").write_text(
        "{hidden_layer_sizes: [[4]], epochs: 1, activation: [relu, elu]}"
    )
    options = ("--dataset=wine", "--grid=one.yaml", "--presets=", "--baselines=none", "--folds=2")
    code, out, err = finish_command("grid", home, *options)
    assert code == 0, err
    assert "residual yes helped on iris, and was never tried here (residual no): try" in out
    search, _ = recorded(client, "grid")
    steps = Path(client.download_artifacts(search.info.run_id, "next.yaml")).read_text("utf-8")
    assert "- residual: [true]" in steps
    assert [one.hyperparameters for one in find_worths(client) if one.dataset == "wine"] == [
        {"activation": "elu"}
    ]

    # The best network of that search is explained by the id of its run.
    code, out, err = run(home, "--dataset=wine", f"--model={search.info.run_id}", "--seeds=1")
    assert code == 0, err
    assert "from plain to the model" in err
    study, _ = recorded(client)
    assert study.data.params["search.best"] == search.info.run_id
    assert "architecture" in study.data.params["search.techniques"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--grid=nothing.yaml"], "Error: The grid file nothing.yaml cannot be read:"),
        (
            ["--grid=grid.yaml", "--row=3"],
            "Error: The grid file grid.yaml has 2 configurations, so that there is no row 3;",
        ),
        (
            ["--grid=typo.yaml"],
            "Error: The grid names 'droput', which is no hyperparameter (did you mean 'dropout'?);",
        ),
        (["--preset=fasst"], "Error: There is no preset 'fasst' (did you mean 'fast'?); choose"),
        (["--preset=plain"], "Error: There is nothing to explain: plain is the plain network;"),
        (["--seeds=0"], "Error: Invalid value for '--seeds'"),
        (["--folds=1"], "Error: folds must be 2 or more, but it is 1."),
        (["--model=a", "--grid=b"], "Error: model and grid both name the network to explain:"),
        (["--model=0123"], "Error: "),
        (["--together=dropout+droput"], "Error: There is no technique 'droput'"),
        (["--metrics=r2"], "Error: The metric 'r2' does not suit"),
    ],
)
def test_bad_input_is_one_sentence(bare_folder, fresh_database, run_command, options, message):
    shutil.copy(fresh_database, bare_folder / "mlflow.db")
    (bare_folder / "grid.yaml").write_text(GRID)
    (bare_folder / "typo.yaml").write_text("{preset: fast, droput: 0.1}")
    code, out, err = run_command("explain", "--dataset=iris", *options)
    assert (code, out) == (2, "")
    assert err.splitlines()[-1].startswith(message)
    assert not list(bare_folder.glob(".searches"))


@pytest.mark.slow
def test_a_killed_study_goes_on_where_it_stopped(start, run, tmp_path, outcome, fresh_database):
    """Its table is that of a study which nobody killed, and no network is trained twice."""
    shutil.copy(fresh_database, tmp_path / "mlflow.db")
    (tmp_path / "grid.yaml").write_text(GRID)
    process = start(tmp_path, *QUICK, "--row=2")
    for _ in range(6):  # the estimate, and some networks
        process.stderr.readline()
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()

    code, _, err = run(tmp_path, *QUICK, "--row=2", "--resume=true")
    assert code == 0, err
    client = MlflowClient(f"sqlite:///{tmp_path / 'mlflow.db'}")
    parent, runs = recorded(client)
    fingerprints = [
        one.data.tags["fingerprint"]
        for one in runs
        if "fingerprint" in one.data.tags and "resumed" not in one.data.tags
    ]
    assert len(fingerprints) == len(set(fingerprints)) == 16
    assert sum("resumed" in one.data.tags for one in runs) >= 2
    assert not [one for one in runs if one.info.status == "RUNNING"]
    *_, calm, undisturbed, _ = outcome
    tables = [
        pd.read_csv(store.download_artifacts(study.info.run_id, "techniques.csv"))
        for store, study in ((client, parent), (calm, undisturbed))
    ]
    measured = [name for name in tables[0] if "seconds" not in name and "time" not in name]
    pd.testing.assert_frame_equal(*(table[measured] for table in tables))


def test_another_tracker_will_do(tmp_path, capsys):
    """What is recorded goes through the tracker that is handed in."""

    class Recorder:
        run_id, address, view = "0", "a list", None

        def __init__(self):
            self.called = []

        def __enter__(self):
            return self

        def __exit__(self, *error):
            return None

        def epoch_writer(self, candidate):
            return None

        def run_address(self, number):
            return None

        def __getattr__(self, name):
            return lambda *arguments, **keywords: self.called.append(name)

    recorder = Recorder()
    (tmp_path / "grid.yaml").write_text(GRID)
    ablation = run_explain(
        DataOptions("iris", None, (), None, None, None),
        ExplainOptions(grid_path=str(tmp_path / "grid.yaml"), seeds=1),
        ValidationOptions("auto", (), "auto", folds=2, test_size=0.2),
        RunOptions(n_jobs=1, seed=0, resume=False, experiment="list"),
        make_tracker=lambda experiment, run_name: recorder,
    )
    assert recorder.called.count("on_candidate_end") == len(ablation.plan.networks)
    assert recorder.called.count("log_worths") == 1
    assert "log_text" in recorder.called
    assert "Recorded as run 0 in a list" in capsys.readouterr().out
