"""What this project uses of MLflow although it is private: what breaks when it goes."""

import base64
import json
import logging
import os
import signal
import subprocess
import sys
import time
import zlib
from pathlib import Path

import mlflow
import pandas as pd
import pytest
from mlflow import MlflowClient
from mlflow.data.pandas_dataset import from_pandas

from pipelines.tracking._mlflow import (
    MODEL_TRAINING_TAG,
    has_generated_name,
    newest_view,
    quiet,
    requirements_unchecked,
    resolve_run_tags,
    restore_killed,
    view_tag,
)

PROJECT = """
name: project
entry_points:
  main:
    command: python search.py
"""

SERVED = """
import mlflow

class Served(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input: list[str]):
        return model_input

mlflow.models.set_model(Served())
"""

SEARCH = """
import time
from pathlib import Path
from pipelines.search import Candidate
from pipelines.tracking import MLflowTracker

with MLflowTracker(experiment="digits") as tracker:
    tracker.on_candidate_begin(Candidate(0, {}, {"activation": "selu"}, "selu"))
    Path("started").touch()
    time.sleep(60)
"""


def test_runs_are_tagged_with_their_origin_as_by_start_run(client):
    """Else runs have no user, no source and no commit in the UI."""
    tags = resolve_run_tags()
    assert tags["mlflow.user"]
    assert tags["mlflow.source.type"] == "LOCAL"
    assert "mlflow.source.name" in tags


def test_names_that_mlflow_generates_are_told_from_given_ones(client):
    """Else runs of `mlflow run` keep a name such as "rumbling-finch-513"."""
    assert all(has_generated_name(client.create_run("0")) for _ in range(20))
    assert not has_generated_name(client.create_run("0", run_name="grid digits"))


def test_the_ui_knows_experiments_of_model_training():
    """Else the UI asks whether an experiment is of generative AI, and hides its charts."""
    _, kind = MODEL_TRAINING_TAG
    scripts = (Path(mlflow.__file__).parent / "server/js/build/static/js").glob("*.js")
    assert any(kind in script.read_text("utf-8") for script in scripts)


def test_a_view_is_packed_as_the_ui_packs_its_own():
    name, value = view_tag(
        "0123",
        "a search",
        created_at=5,
        runs="tags.a = 'b'",
        metrics=["validation_r2", "time/s"],
        params=["activation"],
        pairs=[("time/s", "validation_r2")],
        curves=[["curves/val_loss", "curves/loss"]],
        closed=["folds"],
    )
    assert name == "mlflow.sharedViewState.0123"
    envelope = json.loads(value)
    assert {one: envelope[one] for one in ("name", "createdAt", "updatedAt")} == {
        "name": "a search",
        "createdAt": 5,
        "updatedAt": 5,
    }
    packed = base64.b64decode(envelope["state"].removeprefix("deflate;"))
    state = json.loads(zlib.decompress(packed))
    assert (state["searchFilter"], state["orderByKey"]) == (
        "tags.a = 'b'",
        "metrics.`validation_r2`",
    )
    sections = {section["uuid"]: section["name"] for section in state["compareRunSections"]}
    charts = [(one["type"], sections[one["metricSectionId"]]) for one in state["compareRunCharts"]]
    assert charts == [
        ("BAR", "Scores"),
        ("SCATTER", "Scores"),
        ("PARALLEL", "Scores"),
        ("LINE", "Learning curves"),
    ]
    assert [one["name"] for one in state["compareRunSections"] if not one["display"]] == ["folds"]


def test_the_newest_view_is_found_among_those_of_others():
    def view(key, at):
        return view_tag(key, "", created_at=at, runs="", metrics=["r2"], params=[])

    tags = dict([view("a", 1), view("b", 3), view("c", 2)])
    others = {"mlflow.sharedViewState.d": "deflate;x", "mlflow.sharedViewState.e": "[]", "f": "{}"}
    assert newest_view({**tags, **others}) == (3, "b")
    assert newest_view(others) is None


def test_creating_tables_and_describing_data_says_nothing(tmp_path, capfd, recwarn):
    """Else a hundred lines of Alembic's, and hints for programmers, are on the user's terminal."""
    with quiet():
        MlflowClient(f"sqlite:///{tmp_path}/new.db").search_experiments()
        described = from_pandas(pd.DataFrame({"n": [1]}), source="a place")
        assert described.schema is not None
    assert capfd.readouterr() == ("", "")
    assert [str(warning.message) for warning in recwarn] == []


def test_a_status_that_is_overwritten_is_put_back(client):
    run_id = client.create_run("0").info.run_id
    client.set_terminated(run_id, "FAILED", end_time=123456789)
    restore_killed(client, run_id, seconds=5)
    run = client.get_run(run_id).info
    assert (run.status, run.end_time) == ("KILLED", 123456789)


def test_a_status_that_stays_is_left_alone(client):
    run_id = client.create_run("0").info.run_id
    client.set_terminated(run_id, "KILLED", end_time=123456789)
    restore_killed(client, run_id, seconds=0.3)
    run = client.get_run(run_id).info
    assert (run.status, run.end_time) == ("KILLED", 123456789)


def test_requirements_of_a_model_are_not_compared(tmp_path, caplog):
    """Else each model that is saved waits until the files of all packages are listed."""
    (tmp_path / "served.py").write_text(SERVED)
    logger = logging.getLogger("mlflow.utils.requirements_utils")
    logger.addHandler(caplog.handler)

    def save(name):
        mlflow.pyfunc.save_model(
            tmp_path / name,
            python_model=str(tmp_path / "served.py"),
            pip_requirements=["numpy==0.1"],
        )
        told = [record.getMessage() for record in caplog.records]
        caplog.clear()
        return any("numpy" in message for message in told)

    try:
        with requirements_unchecked():
            assert not save("unchecked")
        assert save("checked")
    finally:
        logger.removeHandler(caplog.handler)
    assert "numpy==0.1" in (tmp_path / "unchecked" / "requirements.txt").read_text()


@pytest.mark.slow
def test_ctrl_c_under_mlflow_run_ends_as_killed(client, tmp_path):
    """Else the search that a user interrupts is FAILED in the UI."""
    (tmp_path / "MLproject").write_text(PROJECT)
    (tmp_path / "search.py").write_text(SEARCH)
    root = Path(sys.modules["pipelines"].__file__).parents[1]
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    process = subprocess.Popen(
        [sys.executable, "-m", "mlflow", "run", ".", "--env-manager", "local"],
        env={**os.environ, "PYTHONPATH": str(root), "PATH": path},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        wait_until((tmp_path / "started").exists, seconds=60)
    finally:
        # As a terminal does it: to mlflow and to the search at once.
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(timeout=30) != 0

    def statuses():
        return [run.info.status for run in client.search_runs(["0"])]

    wait_until(lambda: statuses() == ["KILLED", "KILLED"], seconds=20)


def wait_until(condition, seconds):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "nothing happened"
        time.sleep(0.2)
