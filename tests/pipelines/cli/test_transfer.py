"""The entry point, run as users run it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from mlflow import MlflowClient

from pipelines import InputError, load_dataset, make_pipeline
from pipelines.cli.transfer import TransferOptions
from pipelines.tracking import MLflowTracker, load_pipeline, searched_data

QUICK = ("--arms=frozen", "--shares=0.2", "--repeats=2", "--epochs=1")


@pytest.fixture
def folder(bare_folder, fresh_database):
    (bare_folder / "mlflow.db").write_bytes(fresh_database.read_bytes())
    return bare_folder


@pytest.fixture
def source(folder):
    """The run of a search, which has a model."""
    data = load_dataset("iris")
    pipeline = make_pipeline(data, preset="plain", hidden_layer_sizes=(6,), epochs=2)
    pipeline.fit(data.X, data.y)
    with MLflowTracker(experiment="source") as tracker:
        tracker.log_model(pipeline, data.X.head())
    return tracker.run_id


@pytest.mark.slow
def test_from_a_run_to_a_table(folder, source, run_command):
    """Recorded, linked to the source, reported, and taken over when it is resumed."""
    shifted = load_dataset("iris")
    table = shifted.X.assign(kind=np.where(shifted.y == shifted.y.iloc[0], "first", "other"))
    table.to_csv("flowers.csv", index=False)
    command = ("transfer", f"--source={source}", "--dataset=flowers.csv", "--target=kind", *QUICK)
    code, out, err = run_command(*command, "--output=out")
    assert code == 0, err
    assert f"a network that begins with the model of {source}" in out
    assert "Preprocessing is the source's, as it was fitted there." in out
    assert "Also written to out/flowers.html." in out

    client = MlflowClient()
    (experiment,) = [e for e in client.search_experiments() if e.name == "transfer"]
    runs = client.search_runs([experiment.experiment_id])
    (parent,) = [run for run in runs if "mlflow.parentRunId" not in run.data.tags]
    assert parent.info.status == "FINISHED"
    assert parent.data.tags["source_run"] == source
    (used,) = client.get_run(parent.info.run_id).inputs.model_inputs
    assert client.get_logged_model(used.model_id).source_run_id == source
    children = {run.info.run_name: run for run in runs if run is not parent}
    assert set(children) == {
        f"{arm}, 24 rows, seed {n}" for arm in ("scratch", "frozen") for n in (0, 1)
    }
    assert children["frozen, 24 rows, seed 1"].data.params["frozen_layers"] == "1"
    files = {file.path for file in client.list_artifacts(parent.info.run_id)}
    assert {"transfer.html", "transfer.md", "transferred.json", "results.csv"} <= files
    kept = client.download_artifacts(parent.info.run_id, "transferred.json")
    taken = json.loads(Path(kept).read_text("utf-8"))
    records = pd.DataFrame(taken["data"], columns=taken["columns"]).set_index("weight")
    assert records.loc["dense_0/kernel", "taken"] == 1
    assert records.loc["output/kernel", "taken"] == 0

    code, out, err = run_command(*command, "--resume=true")
    assert code == 0, err
    runs = client.search_runs([experiment.experiment_id], "tags.resumed = 'true'")
    assert len(runs) == 4


@pytest.mark.slow
def test_from_a_run_to_sequences(folder, run_command):
    """Of a recurrent network, to a file with a row for each step."""
    random = np.random.default_rng(0)
    steps = pd.DataFrame({"patient": np.repeat(np.arange(60), 8), "day": np.tile(np.arange(8), 60)})
    steps["pulse"] = random.normal(size=len(steps))
    steps["ill"] = (steps.groupby("patient")["pulse"].transform("sum") > 0).astype(int)
    steps.to_csv("patients.csv", index=False)
    columns = {"sequence_id": "patient", "sequence_time": "day", "target": "ill"}
    data = load_dataset("patients.csv", **columns)
    pipeline = make_pipeline(data, preset="plain", hidden_layer_sizes=(6,), epochs=2)
    with MLflowTracker(experiment="source") as tracker:
        tracker.log_model(pipeline.fit(data.X, data.y), data.X.head())
    options = [f"--{name.replace('_', '-')}={value}" for name, value in columns.items()]
    code, out, err = run_command(
        "transfer", f"--source={tracker.run_id}", "--dataset=patients.csv", *options, *QUICK
    )
    assert code == 0, err
    assert "Preprocessing is the source's, as it was fitted there." in out
    (run,) = MlflowClient().search_runs(
        [MlflowClient().get_experiment_by_name("transfer").experiment_id],
        "tags.source_run != ''",
    )
    kept = MlflowClient().download_artifacts(run.info.run_id, "transferred.json")
    taken = json.loads(Path(kept).read_text("utf-8"))
    records = pd.DataFrame(taken["data"], columns=taken["columns"]).set_index("weight")["taken"]
    assert (records.filter(like="recurrent_0") == 1).all()
    assert len(records.filter(like="recurrent_0")) == 3


def test_data_that_the_source_has_learned_judge_nothing(folder, run_command):
    data = load_dataset("iris")
    pipeline = make_pipeline(data, preset="plain", hidden_layer_sizes=(6,), epochs=1)
    with MLflowTracker(experiment="source") as tracker:
        for context, part in zip(("development", "test"), data.split(0.3), strict=True):
            tracker.log_dataset(part, context=context)
        tracker.log_model(pipeline.fit(data.X, data.y), data.X.head())
    assert searched_data(tracker.run_id) == ("iris", 150)
    code, _, err = run_command("transfer", f"--source={tracker.run_id}", "--dataset=iris", *QUICK)
    assert code == 2
    assert f"Error: The source {tracker.run_id} has learned iris itself, so that rows" in err
    assert MlflowClient().get_experiment_by_name("transfer") is None


def test_where_a_model_comes_from_need_not_be_known(folder, source, tmp_path):
    assert searched_data(source) is None  # no data set was recorded
    assert searched_data(str(tmp_path)) is None


@pytest.mark.slow
def test_a_search_records_what_it_has_taken(folder, source, run_command):
    """With ``init_from`` in a grid, as an address."""
    (folder / "grid.yaml").write_text(
        f"fixed: {{hidden_layer_sizes: [[6]], epochs: 1, init_from: 'runs:/{source}', "
        "frozen_layers: [1]}\ngrids: [{learning_rate: [0.001]}]\n"
    )
    options = ("--grid=grid.yaml", "--presets=", "--baselines=none", "--folds=2")
    code, out, err = run_command("grid", "--dataset=iris", *options)
    assert code == 0, err
    run_id = re.search(r"Recorded as run (\w+)", out)[1]
    client = MlflowClient()
    parent = client.get_run(run_id)
    assert parent.data.tags["source_run"] == source
    assert len(parent.inputs.model_inputs) == 1
    assert "transferred.csv" in {file.path for file in client.list_artifacts(run_id)}
    best = load_pipeline(run_id)
    assert best[-1].transferred_[0]["source"] == f"runs:/{source}"


@pytest.mark.parametrize(
    "options", [(), ("--source=1", "--design=fashion_mnist_halves")], ids=["neither", "both"]
)
def test_a_source_is_one(folder, run_command, options):
    code, _, err = run_command("transfer", *options)
    assert code == 2
    assert (
        "give source=<run id> with the data set to learn, or design=<name>, one of the two" in err
    )


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--design=california",), "There is no design 'california'"),
        (("--source=nothing", "--dataset=iris"), "There is no run or model 'nothing' at"),
        (("--source=1", "--shares=all"), "shares must be numbers, but they are all;"),
    ],
)
def test_what_is_impossible_is_said(folder, run_command, options, sentence):
    code, _, err = run_command("transfer", *options)
    assert code == 2
    assert sentence in err
    client = MlflowClient()
    assert "transfer" not in [experiment.name for experiment in client.search_experiments()]


def test_shares_are_numbers():
    options = TransferOptions("1", None, (), ("0.1", "1"), 5, None, "auto", 0.2, None)
    assert options.numbers() == [0.1, 1.0]
    with pytest.raises(InputError, match="one of the two"):
        TransferOptions(None, None, (), (), 5, None, "auto", 0.2, None)
