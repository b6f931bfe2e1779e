"""The command line as its user meets it, and what it leaves in the tracking store."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from mlflow import MlflowClient
from sklearn.metrics import accuracy_score
from sklearn.model_selection import StratifiedKFold
from sklearn.preprocessing import RobustScaler

from pipelines import load_dataset
from pipelines.data.digest import folds_digest
from pipelines.tracking import load_pipeline

ROOT = Path(__file__).parents[2]

GRID = """
fixed: {hidden_layer_sizes: [[4]], epochs: 2}
grids:
  - activation: [relu, selu]
  - {activation: relu, optimizer: sgd, learning_rate: 1e6}
"""
ONE = "{hidden_layer_sizes: [[4]], epochs: 1, activation: relu}"


@pytest.fixture(autouse=True)
def folder(bare_folder, monkeypatch):
    """A working folder, with a store in it that does not exist yet."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{bare_folder / 'mlflow.db'}")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("COLUMNS", "100")
    return bare_folder


@pytest.fixture
def client(folder, fresh_database):
    """A client of the folder's store, which exists with this."""
    shutil.copy(fresh_database, folder / "mlflow.db")
    return MlflowClient(tracking_uri=os.environ["MLFLOW_TRACKING_URI"])


@pytest.fixture
def grid_file(folder):
    """A function that writes a grid and returns the option that names it."""

    def write(text=ONE):
        (folder / "grid.yaml").write_text(text, encoding="utf-8")
        return "--grid=grid.yaml"

    return write


def alone(arguments):
    """Arguments by which a grid is evaluated without presets on three folds, unless named."""
    if arguments[:1] != ("grid",):
        return [*arguments]
    quick = ("--presets=", "--folds=3")
    return [
        *arguments,
        *(
            option
            for option in quick
            if not any(option.partition("=")[0] in str(each) for each in arguments)
        ),
    ]


@pytest.fixture
def run(run_command):
    """A function that runs the command here and returns exit code and both outputs."""
    return lambda *arguments: run_command(*alone(arguments))


def spawn(*arguments, start=subprocess.Popen, **options):
    """Run the command in a process of its own."""
    return start(
        [sys.executable, "-m", "pipelines", *alone(arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONFAULTHANDLER": "1"},
        **options,
    )


def ending(process, timeout=90):
    """Outputs of a process that ends; where it does not, what its threads are at."""
    try:
        return process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGABRT)  # answered by faulthandler
        pytest.fail(f"It did not end within {timeout} s:\n{process.communicate()[1]}")


def runs_of(client, experiment="grid"):
    """The parent run and its children in the order of the grid."""
    experiment_id = client.get_experiment_by_name(experiment).experiment_id
    runs = client.search_runs([experiment_id])
    (parent,) = [run for run in runs if "mlflow.parentRunId" not in run.data.tags]
    children = [run for run in runs if run is not parent]
    assert {run.data.tags["mlflow.parentRunId"] for run in children} == {parent.info.run_id}
    return parent, sorted(children, key=lambda run: int(run.data.tags["candidate"]))


def artifact(client, run, path):
    return Path(client.download_artifacts(run.info.run_id, path)).read_text(encoding="utf-8")


class TestHappyPath:
    @pytest.fixture
    def finished(self, client, grid_file, forks):
        """A search in a process of its own: what it printed, and the store."""
        process = spawn("grid", "--dataset", "iris", grid_file(GRID), start=forks.start)
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
        return out, err, client

    @pytest.mark.slow
    def test_a_named_data_set(self, finished):
        out, err, client = finished
        parent, children = runs_of(client)
        self.check_output(out, err, parent)
        self.check_runs(parent, children)
        self.check_files(client, parent)
        self.check_model(parent)

    def check_output(self, out, err, parent):
        lines = out.splitlines()
        table = [line.split() for line in lines[lines.index("") + 1 :]]
        assert table[0] == ["configuration", "accuracy", "%", "train", "training"]
        assert {table[1][1], table[2][1]} == {"relu", "selu"}
        assert table[1][0] == "1"
        scores = [float(row[2]) for row in table[1:3]]
        assert scores == sorted(scores, reverse=True)
        assert re.search(r"^learning_rate 1e\+06, optimizer sgd, relu diverged: Train", out, re.M)
        verdict = " ".join(lines[: lines.index("")])
        assert re.match(
            rf"Take {table[1][1]}: validation accuracy [\d.]+ % ± [\d.]+ over 3 folds, [\d.]+ % on the "
            r"30 held-out rows\. .*- The other one is (not )?shown to be worse",
            verdict,
        )
        assert "- Not finished: 1 diverged." in verdict
        assert "Against gradient boosting (" in verdict
        assert f"run {parent.info.run_id} in {os.environ['MLFLOW_TRACKING_URI']}" in out
        progress = err.splitlines()
        assert [line.split(": ")[0] for line in progress] == [
            "1/3 relu",
            "2/3 selu",
            "3/3 learning_rate 1e+06, optimizer sgd, relu",
        ]

    def check_runs(self, parent, children):
        assert (parent.info.run_name, parent.info.status) == ("iris grid", "FINISHED")
        assert [run.info.run_name for run in children] == [
            "relu",
            "selu",
            "learning_rate 1e+06, optimizer sgd, relu",
        ]
        assert [run.info.status for run in children] == ["FINISHED", "FINISHED", "FAILED"]
        assert [run.data.params for run in children] == [
            {
                "activation": activation,
                "epochs": "2",
                "hidden_layer_sizes": "4",
                "learning_rate": rate,
                "optimizer": optimizer,
            }
            for activation, rate, optimizer in (
                ("relu", "0.001", "adam"),
                ("selu", "0.001", "adam"),
                ("relu", "1000000.0", "sgd"),
            )
        ]
        accuracies = [run.data.metrics["validation_accuracy"] for run in children[:2]]
        best = children[int(np.argmax(accuracies))]
        assert parent.data.tags["best_run_id"] == best.info.run_id
        assert parent.data.metrics["validation_accuracy"] == max(accuracies)
        development, _ = load_dataset("iris").split()
        folds = StratifiedKFold(3, shuffle=True, random_state=0).split(development.X, development.y)
        assert parent.data.params == {
            f"search.{name}": value
            for name, value in {
                "dataset": "iris",
                "task": "classification",
                "n_rows": "120",
                "n_test_rows": "30",
                "preset": "plain",
                "presets": "",
                "scaling": "auto",
                "splitter": "StratifiedKFold",
                "folds": "3",
                "repeats": "1",
                "metrics": "accuracy, f1_macro, neg_log_loss",
                "ensemble": "1",
                "n_jobs": "1",
                "seed": "0",
                "n_candidates": "3",
                "n_fits": "9",
                "folds_digest": folds_digest(development.y, folds),
                "folds_test_ratio": "0.5",
            }.items()
        }
        used = {
            one.tags[0].value: json.loads(one.dataset.profile)["num_rows"]
            for one in parent.inputs.dataset_inputs
        }
        assert used == {"development": 120, "test": 30}

    def check_files(self, client, parent):
        assert {file.path for file in client.list_artifacts(parent.info.run_id)} == {
            "grid.yaml",
            "next.yaml",
            "results.csv",
            "results.json",
            "search.html",
        }
        assert artifact(client, parent, "grid.yaml") == GRID
        page = artifact(client, parent, "search.html")
        assert "<h1>Grid search on iris</h1>" in page
        assert "diverged</span> " in page
        assert ": Training diverged" in page
        assert "The best model on the 30 held-out rows</h2>" in page
        assert len(page) < 500_000
        results = artifact(client, parent, "results.csv").splitlines()
        assert results[0].startswith("rank,configuration,validation_accuracy,")
        assert len(results) == 4

    def check_model(self, parent):
        pipeline = load_pipeline(parent.info.run_id)
        _, test = load_dataset("iris").split()
        accuracy = accuracy_score(test.y, pipeline.predict(test.X))
        assert parent.data.metrics["test_accuracy"] == pytest.approx(accuracy)
        assert parent.data.metrics.keys() >= {"test_f1_macro", "test_neg_log_loss"}


def people(n_rows=60):
    """A table with text, booleans, holes, households and an identifier."""
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        {
            "id": [f"person {number}" for number in range(n_rows)],
            "age": rng.integers(18, 90, n_rows).astype(float),
            "town": rng.choice(["Aachen", "Bonn", "Celle"], n_rows),
            "smoker": rng.random(n_rows) > 0.5,
            "household": rng.integers(0, 12, n_rows),
        }
    )
    table["insured"] = np.where(table["age"] + 20 * table["smoker"] > 60, "yes", "no")
    table.loc[::7, "age"] = np.nan
    table.loc[::9, "town"] = None
    return table


class TestOptions:
    def test_a_table_with_text_holes_groups_and_an_identifier(self, run, client, grid_file):
        table = people()
        table.to_csv("people.csv", index=False)
        options = ["--target=insured", "--drop=id", "--groups=household", "--folds=2"]
        code, out, _ = run("grid", "--dataset=people.csv", *options, grid_file())
        assert code == 0
        assert "Take defaults: " in out
        parent, (child,) = runs_of(client)
        assert parent.data.params["search.splitter"] == "StratifiedGroupKFold"
        assert parent.data.params["search.dataset"] == "people"
        assert (parent.info.status, child.info.status) == ("FINISHED", "FINISHED")
        pipeline = load_pipeline(parent.info.run_id)
        assert list(pipeline.feature_names_in_) == ["age", "town", "smoker"]
        development, test = load_dataset(
            "people.csv", target="insured", drop=["id"], groups="household"
        ).split()
        assert parent.data.params["search.n_rows"] == str(len(development.X))
        accuracy = accuracy_score(test.y, pipeline.predict(test.X))
        assert parent.data.metrics["test_accuracy"] == pytest.approx(accuracy)
        unseen = pd.DataFrame({"age": [np.nan], "town": ["Zwickau"], "smoker": [True]})
        assert pipeline.predict(unseen)[0] in ("yes", "no")

    def test_everything_that_can_be_chosen(self, run, client, grid_file):
        code, out, _ = run(
            "grid",
            "--dataset=iris",
            "--metrics=f1_macro, accuracy",
            "--repeats=2",
            "--folds=2",
            "--epochs=3",
            "--scaling=robust",
            "--test-size=0.4",
            "--seed=7",
            "--experiment=mine",
            grid_file("{hidden_layer_sizes: [[4]], epochs: [1, 2], activation: relu}"),
        )
        assert code == 0
        assert out.startswith("Take defaults: validation f1 macro ")
        assert "on the 60 held-out rows" in " ".join(out.split())
        parent, (child,) = runs_of(client, "mine")
        assert child.data.params["epochs"] == "3"
        assert child.data.metrics["network/n_epochs"] == 3
        assert {name for name in child.data.metrics if re.match("folds/.*accuracy", name)} == {
            f"folds/{rows}_accuracy_{fold}"
            for rows in ("train", "validation")
            for fold in range(1, 5)
        }
        assert "validation_neg_log_loss" not in child.data.metrics
        settings = {name.removeprefix("search."): v for name, v in parent.data.params.items()}
        assert settings["splitter"] == "RepeatedStratifiedKFold"
        assert (settings["folds"], settings["repeats"], settings["n_fits"]) == ("2", "2", "4")
        assert (settings["n_rows"], settings["n_test_rows"]) == ("90", "60")
        assert (settings["seed"], settings["scaling"]) == ("7", "robust")
        pipeline = load_pipeline(parent.info.run_id)
        assert pipeline["model"].random_state == 7
        scaling = pipeline["preprocessing"].named_transformers_["numeric"]["scaling"]
        assert isinstance(scaling.scaler_, RobustScaler)
        _, test = load_dataset("iris").split(0.4, random_state=7)
        digests = {one.tags[0].value: one.dataset.digest for one in parent.inputs.dataset_inputs}
        assert digests["test"] == test.digest
        accuracy = accuracy_score(test.y, pipeline.predict(test.X))
        assert parent.data.metrics["test_accuracy"] == pytest.approx(accuracy)

    def test_empty_options_as_mlproject_passes_them(self, run, client, grid_file):
        empty = ["--target=", "--drop=", "--groups=", "--task=", "--data-home=", "--epochs="]
        code, out, _ = run("grid", "--dataset=diabetes", *empty, "--metrics=", grid_file())
        assert code == 0
        assert out.startswith("Take defaults: validation R² ")
        assert "RMSE in units of target" in " ".join(out.split())
        parent, _ = runs_of(client)
        assert parent.data.params["search.task"] == "regression"
        load_dataset("diabetes").X.to_csv("new.csv", index=False)
        code, out, _ = run("predict", f"--model={parent.info.run_id}", "--dataset=new.csv")
        told = "predictions.csv, each with the interval in which 90 % of such rows lie."
        assert (code, out) == (0, f"Wrote 442 predictions to {told}\n")
        assert list(pd.read_csv("predictions.csv")) == ["prediction", "lower", "upper"]
        assert "test_neg_root_mean_squared_error" in parent.data.metrics

    @pytest.mark.filterwarnings("always:roc_auc_ovr cannot be computed on 12 rows")
    def test_a_class_without_a_test_row(self, run, client, grid_file):
        options = write_table("few.csv", insured=[*YES_NO[:57], "maybe", "maybe", "maybe"])
        metrics = "--metrics=accuracy, neg_log_loss, roc_auc_ovr"
        code, out, err = run("grid", *options, metrics, grid_file())
        assert code == 0
        assert re.search(r"^Warning: roc_auc_ovr cannot be computed on 12 rows", err, re.MULTILINE)
        assert ".py:" not in err  # nor the line that says it
        assert re.search(r"[\d.]+ % on the 12 held-out rows\.", " ".join(out.split()))
        parent, _ = runs_of(client)
        assert parent.data.metrics.keys() >= {"test_accuracy", "test_neg_log_loss"}
        assert "test_roc_auc_ovr" not in parent.data.metrics
        assert load_pipeline(parent.info.run_id).classes_.tolist() == ["maybe", "no", "yes"]

    def test_help_lists_the_options(self, run):
        code, out, err = run("grid", "--help")
        assert (code, err) == (0, "")
        for option in ("--dataset", "--grid", "--n-jobs", "--seed"):
            assert option in out

    def test_no_command_shows_the_help(self, run):
        code, out, err = run()
        assert (code, out) == (2, "")
        assert err.startswith("Usage: ")
        assert re.search(r"\n  grid +Compare every configuration", err)


def write_table(path, target="insured", **columns):
    """A small table of people, changed."""
    table = people()[["age", "town", "insured"]].assign(**columns)
    table.to_csv(path, index=False)
    return ["--dataset", str(path), "--target", target]


YES_NO = ["yes", "no"] * 30

BAD_TABLES = {
    "no target named": ("A target is needed to learn from bad.csv", {"target": ""}),
    "missing target": (
        r"bad\.csv has no column 'insurd' to take as target \(did you mean 'insured'\?\)",
        {"target": "insurd"},
    ),
    "constant target": ("'insured' in bad.csv has the value 'yes' in every", {"insured": "yes"}),
    "holes in the target": (
        r"'insured' is missing in 1 of 60 rows \(row 3\)",
        {"insured": [*YES_NO[:2], None, *YES_NO[3:]]},
    ),
    "a small class": (
        "The class 'maybe' has 2 rows to develop on, fewer than the 3 folds",
        {"insured": [*YES_NO[:58], "maybe", "maybe"]},
    ),
    "a class of one row": (
        "has a single row of 'maybe'",
        {"insured": [*YES_NO[:59], "maybe"]},
    ),
}

BAD_GRIDS = {
    "unknown parameter": (
        r"The grid names 'activaton', which is no hyperparameter \(did you mean 'activation'\?\)",
        "activaton: relu",
    ),
    "unknown preset": (
        r"There is no preset 'fasst' \(did you mean 'fast'\?\)",
        "preset: fasst",
    ),
    "a key twice": (
        "is not YAML in line 2, column 1: the key 'activation' stands there twice",
        "activation: relu\nactivation: elu",
    ),
    "not a name": ("is not a grid: it must be a mapping", "7: relu"),
    "impossible value": (
        "The grid has an impossible value: The 'activation' parameter .* Got 'relo' instead",
        "activation: relo",
    ),
    "several impossible values": (
        "impossible value: .*'activation'.* Got 'relo' instead.* 'dropout' .* Got 2 instead",
        "activation: relo\ndropout: 2",
    ),
    "impossible layers": (r"Got 0 among \(4, 0\)", "hidden_layer_sizes: [[4, 0]]"),
    "one name twice": ("'epochs' and 'model__epochs', which are", "epochs: 1\nmodel__epochs: 2"),
    "YAML": (
        r"the grid file grid\.yaml is not YAML in line 2, column 8: mapping values",
        "activation: relu\n epochs: 3",
    ),
    "a character that YAML does not take": ("is not YAML: unacceptable character", "a: \x07"),
    "a date that is none": ("is not YAML: month must be in 1..12", "a: 2024-13-01"),
    "empty": ("the grid file grid.yaml is not a grid", ""),
    "no values": ("has no values for 'activation'; give it at least one", "activation: []"),
}

BAD_OPTIONS = {
    "unknown data set": (
        r"There is no data set 'irs' \(did you mean 'iris'\?\); choose one of digits",
        ["--dataset=irs"],
    ),
    "missing file": (r"There is no file none\.csv; check the path", ["--dataset=none.csv"]),
    "missing grid": (
        r"The grid file none\.yaml cannot be read: No such file or directory\.",
        ["--grid=none.yaml"],
    ),
    "unknown metric": (
        r"There is no metric 'acuracy' \(did you mean 'accuracy'\?\)",
        ["--metrics=acuracy"],
    ),
    "unknown splitter": (
        r"There is no splitter 'kfld' \(did you mean 'kfold'\?\)",
        ["--splitter=kfld"],
    ),
    "unknown scaling": (r"no scaling 'robst' \(did you mean 'robust'\?\)", ["--scaling=robst"]),
    "unknown task": (r"no task 'regresion' \(did you mean 'regression'", ["--task=regresion"]),
    "unknown option": (r"No such option '--foldz'.*Did you mean '--folds'", ["--foldz=3"]),
    "no number": ("Invalid value for '--folds': 'three' is not a valid integer", ["--folds=three"]),
    "too few folds": ("folds must be 2 or more, but it is 1", ["--folds=1"]),
    "more folds than rows of a class": ("has 40 rows to develop on, fewer than", ["--folds=41"]),
    "no repeats": ("repeats must be 1 or more, but it is 0", ["--repeats=0"]),
    "repeats of what has none": (
        "repeats=2 needs the splitter 'repeated', but it is 'kfold'",
        ["--splitter=kfold", "--repeats=2"],
    ),
    "groups of what has none": ("the splitter 'grouped' needs", ["--splitter=grouped"]),
    "no test rows": ("test_size must lie between 0 and 1, both excluded; got 0", ["--test-size=0"]),
    "no epochs": (r"impossible value: The 'epochs' parameter .* Got 0 instead", ["--epochs=0"]),
    "a negative seed": ("Invalid value for '--seed': -1 is not in the range", ["--seed=-1"]),
    "no workers": ("Invalid value for '--n-jobs': 0 at once is none; give 1 or", ["--n-jobs=0"]),
    "columns of what has its own": (
        "encoding and separator are for tables of your own",
        ["--target=age"],
    ),
}


class TestBadInput:
    @pytest.fixture
    def refused(self, run, folder):
        """A function that runs the command and checks that it says one thing and leaves nothing."""

        def check(message, *arguments):
            before = set(folder.iterdir())
            code, out, err = run(*arguments)
            assert (code, out) == (2, "")
            assert re.search(rf"^Error: .*{message}", err, re.IGNORECASE), err
            assert err.count("\n") == 1
            assert set(folder.iterdir()) == before

        return check

    @pytest.mark.parametrize("fault", BAD_OPTIONS)
    def test_options(self, refused, fault):
        message, options = BAD_OPTIONS[fault]
        refused(message, "grid", "--dataset=iris", *options)

    @pytest.mark.parametrize("fault", BAD_GRIDS)
    def test_grids(self, refused, grid_file, fault):
        message, text = BAD_GRIDS[fault]
        refused(message, "grid", "--dataset=iris", grid_file(text))

    @pytest.mark.parametrize("fault", BAD_TABLES)
    def test_tables(self, refused, fault):
        message, changes = BAD_TABLES[fault]
        refused(message, "grid", *write_table("bad.csv", **changes))

    @pytest.mark.parametrize("command", ["grid", "optuna", "explain", "diagnose"])
    def test_amounts_that_are_taken_for_classes(self, refused, command):
        table = write_table("bad.csv", target="stars", stars=[3, 4, 5] * 20)
        options = ["--drop=insured", "--metrics=neg_mean_absolute_error"]
        refused("are taken for classes: give task=regression if", command, *table, *options)

    @pytest.mark.parametrize(
        ("name", "content", "message"),
        [
            ("bad.csv", b"", r"bad\.csv is empty"),
            ("bad.csv", b"a,b\n", r"bad\.csv names columns but has no rows"),
            ("bad.csv", b"a,b\n1,2,3\n", r"bad\.csv cannot be parsed"),
            ("bad.parquet", b"PAR1 no more", r"bad\.parquet cannot be read as \.parquet"),
            ("bad.txt", b"a,b\n1,2\n", r"format of bad\.txt cannot be told from its name"),
        ],
    )
    def test_files(self, refused, folder, name, content, message):
        (folder / name).write_bytes(content)
        refused(message, "grid", f"--dataset={name}", "--target=b")

    def test_a_folder_in_place_of_a_file(self, refused, folder):
        refused("is a folder, not a table", "grid", "--dataset=.", "--target=b")
        refused("cannot be read: Is a directory", "grid", "--dataset=iris", "--grid=.")

    def test_a_server_that_does_not_answer(self, refused, monkeypatch):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))  # bound, but nobody listens
            address = f"http://127.0.0.1:{taken.getsockname()[1]}"
            monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
            message = rf"MLflow cannot use {address} for tracking \(Connection refused\): start the"
            refused(message, "grid", "--dataset=iris")

    def test_unknown_command(self, refused):
        refused("No such command 'gird'", "gird")

    def test_when_nothing_could_be_evaluated_the_run_says_so(self, run, client, grid_file):
        option = grid_file("{batch_norm: after_dense, batch_size: 1, epochs: 1}")
        code, out, err = run("grid", "--dataset=iris", option)
        assert (code, out) == (2, "")
        assert "Error: None of the 1 configurations could be evaluated; the first, def" in err
        parent, (child,) = runs_of(client)
        assert (parent.info.status, child.info.status) == ("FAILED", "FAILED")
        assert "None of the 1 configurations" in parent.data.tags["reason"]

    @pytest.mark.slow
    def test_in_a_process_of_its_own(self, folder):
        process = spawn("grid", "--dataset=irs")
        out, err = process.communicate(timeout=60)
        assert (process.returncode, out) == (2, "")
        assert err.startswith("Error: There is no data set 'irs' (did you mean 'iris'?)")
        assert err.count("\n") == 1
        assert list(folder.iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_ctrl_c_keeps_what_is_finished(client, grid_file, n_jobs, forks):
    endless = grid_file(
        "fixed: {hidden_layer_sizes: [[4]]}\n"
        "grids: [{activation: relu, epochs: 1}, {activation: [elu, selu, tanh], epochs: 1000000}]"
    )
    arguments = ("grid", "--dataset=iris", endless, f"--n-jobs={n_jobs}")
    process = spawn(*arguments, start=forks.start, start_new_session=True)
    try:
        assert process.stderr.readline().startswith("1/4 epochs 1, relu")
        while len(runs_of(client)[1]) < 1 + n_jobs:  # the next ones are not yet under way
            assert process.poll() is None
            time.sleep(0.1)
        os.killpg(process.pid, signal.SIGINT)
        out, err = ending(process)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
    assert (process.returncode, out) == (130, "")
    assert err.strip().splitlines()[0] == "Interrupted; what was finished is kept in MLflow."
    assert "Traceback" not in err
    parent, (finished, *running) = runs_of(client)
    assert parent.info.status == "KILLED"
    assert finished.info.status == "FINISHED"
    assert "validation_accuracy" in finished.data.metrics
    assert [run.info.status for run in running] == ["KILLED"] * n_jobs
    assert all(run.info.end_time for run in (parent, *running))


@pytest.mark.slow
def test_mlflow_run(client, folder, grid_file):
    grid_file(GRID)
    client.create_experiment("project", artifact_location=str(folder / "artifacts"))
    options = {
        "dataset": "iris",
        "grid": str(folder / "grid.yaml"),
        "epochs": 2,
        "drop": "",
        "presets": "",
        "baselines": "none",
    }
    parameters = [part for item in options.items() for part in ("-P", "{}={}".format(*item))]
    # The entry point is `python`: the one of this environment.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    command = [sys.executable, "-m", "mlflow", "run", ".", "-e", "grid", "--env-manager", "local"]
    done = subprocess.run(
        [*command, "--experiment-name", "project", *parameters],
        cwd=ROOT,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Take " in done.stdout
    parent, children = runs_of(client, "project")
    assert parent.info.status == "FINISHED"
    assert [run.info.status for run in children] == ["FINISHED", "FINISHED", "FAILED"]
    assert {run.data.params["epochs"] for run in children} == {"2"}
    assert parent.data.params["search.dataset"] == "iris"
    assert "iris" in parent.data.params["dataset"]
    assert "test_accuracy" in parent.data.metrics
    assert load_pipeline(parent.info.run_id)["model"].epochs == 2
    assert (folder / "artifacts" / parent.info.run_id / "artifacts" / "search.html").exists()
