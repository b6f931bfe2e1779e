"""The entry point, run as users run it."""

from __future__ import annotations

import os
import signal
from collections import Counter
from functools import partial
from pathlib import Path

import pandas as pd
import pytest
from mlflow import MlflowClient

from pipelines import InputError
from pipelines.cli.options import DataOptions, RunOptions
from pipelines.cli.techniques import StudyOptions, run_techniques
from pipelines.tracking.connection import connect

QUICK = ("--dataset=iris", "--rows=selu", "--repeats=2", "--epochs=1")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("techniques")
    connect(f"sqlite:///{folder / 'mlflow.db'}")
    return folder


@pytest.fixture(scope="module")
def start(start_command):
    return partial(start_command, "techniques", columns=160)


@pytest.fixture(scope="module")
def run(finish_command):
    return partial(finish_command, "techniques", columns=160)


@pytest.fixture(scope="module")
def outcome(home, run):
    code, out, err = run(home, *QUICK, "--output=out")
    assert code == 0, err
    client = MlflowClient(f"sqlite:///{home / 'mlflow.db'}")
    runs = client.search_runs(
        [client.get_experiment_by_name("techniques").experiment_id], max_results=1000
    )
    (parent,) = [run for run in runs if "mlflow.parentRunId" not in run.data.tags]
    return out, client, parent, runs


def below(runs, parent):
    return [run for run in runs if run.data.tags.get("mlflow.parentRunId") == parent.info.run_id]


def test_terminal(outcome):
    out, _, parent, _ = outcome
    assert "glorot, relu" in out
    assert "baseline" in out
    assert f"Recorded as run {parent.info.run_id} in sqlite:" in out
    assert "Also written to out/iris.html." in out
    assert "To look at it: " in out
    assert "Networks whose weights begin as zeros or ones do not learn." in out


def test_each_row_is_a_child_and_each_seed_a_child_of_it(outcome):
    _, client, parent, runs = outcome
    rows = {run.info.run_name: run for run in below(runs, parent)}
    assert {"glorot, relu", "lecun normal, selu", "claims: lecun normal, selu"} <= set(rows)
    selu = rows["lecun normal, selu"]
    seeds = below(runs, selu)
    assert sorted(run.info.run_name for run in seeds) == [
        "lecun normal, selu, seed 0",
        "lecun normal, selu, seed 1",
    ]
    for seed in seeds:
        curve = client.get_metric_history(seed.info.run_id, "curves/val_accuracy")
        assert [point.step for point in curve] == [1]
        assert 0 <= seed.data.metrics["test_accuracy"] <= 1
        assert "fingerprint" in seed.data.tags
    scores = [seed.data.metrics["validation_accuracy"] for seed in seeds]
    assert selu.data.metrics["over_seeds/validation"] == pytest.approx(sum(scores) / 2)
    assert selu.data.params["activation"] == "selu"
    assert selu.data.metrics["validation_accuracy"] == pytest.approx(sum(scores) / 2)
    assert selu.data.tags["outcome"] == "complete"
    assert selu.data.metrics["over_seeds/epoch_time_ratio"] > 0


def test_what_could_not_be_trained_is_the_only_thing_that_failed(outcome):
    _, _, parent, runs = outcome
    assert parent.info.status == "FINISHED"
    assert Counter(run.info.status for run in runs)["FINISHED"] > 30
    failed = [run for run in runs if run.info.status == "FAILED"]
    assert all(run.data.tags["outcome"] == "diverged" for run in failed)


def test_files_of_the_run(outcome, home):
    _, client, parent, _ = outcome
    names = {file.path for file in client.list_artifacts(parent.info.run_id)}
    assert {"techniques.html", "techniques.md", "results.csv", "iris"} <= names
    figures = {Path(file.path).name for file in client.list_artifacts(parent.info.run_id, "iris")}
    assert figures == {path.name for path in (home / "out" / "iris").iterdir()}
    page = client.download_artifacts(parent.info.run_id, "techniques.html")
    assert Path(page).read_text("utf-8") == (home / "out" / "iris.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("option", "message"),
    [
        (
            "--rows=sellu",
            "Error: There is no row 'sellu' (did you mean 'selu'?); choose one of zeros,",
        ),
        ("--repeats=0", "Error: repeats must be 1 or more, but it is 0."),
        ("--epochs=0", "Error: The study has an impossible value: The 'epochs' parameter"),
        ("--variant=best", "Error: Invalid value for '--variant': 'best' is not one of"),
        ("--test-size=2", "Error: test_size must lie between 0 and 1, both excluded; got 2.0."),
    ],
)
def test_bad_input_is_one_sentence(bare_folder, run_command, option, message):
    code, out, err = run_command("techniques", *QUICK, option)
    assert (code, out) == (2, "")
    assert err.splitlines()[-1].startswith(message)
    assert not (bare_folder / "mlflow.db").exists()


@pytest.mark.slow
def test_a_killed_study_goes_on_where_it_stopped(start, run, home, tmp_path):
    """Its table is that of a study which nobody killed, and no fit is done twice."""
    options = ("--dataset=digits", "--rows=selu,batch_norm", "--repeats=2", "--claims=false")
    connect(f"sqlite:///{tmp_path / 'mlflow.db'}")
    process = start(tmp_path, *options)
    for _ in range(2):
        process.stderr.readline()
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()

    code, _, err = run(tmp_path, *options, "--resume=true")
    assert code == 0, err
    client = MlflowClient(f"sqlite:///{tmp_path / 'mlflow.db'}")
    runs = client.search_runs(
        [client.get_experiment_by_name("techniques").experiment_id], max_results=1000
    )
    evaluated = [
        run.data.tags["fingerprint"]
        for run in runs
        if "fingerprint" in run.data.tags and "resumed" not in run.data.tags
    ]
    assert len(evaluated) == len(set(evaluated)) == 6
    assert sum("resumed" in run.data.tags for run in runs) >= 2
    assert not [run for run in runs if run.info.status == "RUNNING"]

    code, _, err = run(home, *options, "--experiment=calm")
    assert code == 0, err
    tables = [
        results_of(folder, experiment)
        for folder, experiment in ((tmp_path, "techniques"), (home, "calm"))
    ]
    pd.testing.assert_frame_equal(*tables)


def results_of(folder, experiment):
    """The table of the newest study, without what is measured by the clock."""
    client = MlflowClient(f"sqlite:///{folder / 'mlflow.db'}")
    runs = client.search_runs(
        [client.get_experiment_by_name(experiment).experiment_id],
        order_by=["attributes.start_time DESC"],
        max_results=1000,
    )
    parent = next(run for run in runs if "mlflow.parentRunId" not in run.data.tags)
    table = pd.read_csv(client.download_artifacts(parent.info.run_id, "results.csv"))
    return table[[name for name in table if "seconds" not in name and "time" not in name]]


def test_the_output_is_checked_before_the_study(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(
        InputError, match=r"out cannot be a folder to write to, for '.*file' is a f"
    ):
        run_techniques(
            DataOptions("iris", None, (), None, None, None),
            StudyOptions((), "both", 2, 1, None, 0.2, False, str(tmp_path / "file" / "out")),
            RunOptions(n_jobs=1, seed=0, resume=False, experiment="techniques"),
        )
