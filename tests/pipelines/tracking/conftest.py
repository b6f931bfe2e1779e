"""Stores, evaluations and fitted pipelines for the tests of tracking."""

from __future__ import annotations

import contextlib
import shutil
import time

import numpy as np
import pandas as pd
import psutil
import pytest
from mlflow import MlflowClient
from sklearn.compose import TransformedTargetRegressor
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from estimators import KerasMLPClassifier, KerasMLPRegressor
from pipelines.data import Dataset
from pipelines.preprocessing import make_preprocessor
from pipelines.search import Candidate, Evaluation, FoldResult


@pytest.fixture(autouse=True)
def folder(bare_folder):
    """A folder of its own."""
    return bare_folder


@pytest.fixture
def client(tmp_path, fresh_database):
    """A client of the default store of the test's folder."""
    shutil.copy(fresh_database, tmp_path / "mlflow.db")
    return MlflowClient(tracking_uri=f"sqlite:///{tmp_path / 'mlflow.db'}")


@pytest.fixture
def tracking_server(run_server, fresh_database, tmp_path):
    """A context manager that runs MLflow's server, on the same database each time."""
    shutil.copy(fresh_database, tmp_path / "served.db")
    arguments = ["server", "--workers", "1"]
    arguments += ["--backend-store-uri", f"sqlite:///{tmp_path / 'served.db'}"]
    arguments += ["--artifacts-destination", str(tmp_path / "artifacts")]

    def run():
        return run_server(
            arguments, tmp_path, "/health", MLFLOW_SERVER_ENABLE_JOB_EXECUTION="false"
        )

    return run


@pytest.fixture
def kill_writer(real_writers):
    """A function that kills, with SIGKILL, the process that delivers this one's journal."""

    def kill():
        deadline = time.monotonic() + 30
        while not (writers := [*_living_writers()]):  # the last one was killed just now
            assert time.monotonic() < deadline, "nobody delivers the journal"
            time.sleep(0.05)
        for writer in writers:
            writer.kill()
            psutil.wait_procs([writer], timeout=10)

    return kill


def _living_writers():
    for process in psutil.Process().children():
        with contextlib.suppress(psutil.Error):
            if "pipelines.tracking.writer" in process.cmdline():
                yield process


@pytest.fixture
def make_candidate():
    """A function that makes a candidate from its number and hyperparameters of its own."""

    def make(number, **hyperparameters):
        values = {"activation": "selu", "hidden_layer_sizes": (100, 50), "dropout": None}
        values |= hyperparameters
        return Candidate(number, {}, values, f"{values['activation']} {number}")

    return make


@pytest.fixture
def make_evaluation():
    """A function that makes an evaluation of a candidate, by default a complete one."""

    def make(candidate, status="complete", reason=None, folds=None):
        if folds is None and status == "complete":
            folds = (_fold(0.6, 2.0, [3.0, 2.0, 1.0]), _fold(0.8, 4.0, [5.0, 4.0]))
        return Evaluation(candidate, status, reason, folds or (), time.time() - 1, time.time())

    return make


def _fold(score, fit_seconds, losses):
    return FoldResult(
        train_scores={"accuracy": score + 0.1},
        validation_scores={"accuracy": score},
        fit_seconds=fit_seconds,
        score_seconds=0.1,
        epoch_seconds=0.5,
        predict_microseconds=3.0,
        n_weights=1234,
        n_epochs=len(losses),
        curves={"loss": losses},
    )


def _table(task):
    """A data set with text, booleans, whole numbers and missing values."""
    rng = np.random.default_rng(0)
    X = pd.DataFrame(
        {
            "length": rng.normal(size=80),
            "rooms": rng.integers(1, 6, 80),
            "town": rng.choice(["Aachen", "Bonn", "Celle"], 80),
            "garden": rng.random(80) > 0.5,
        }
    )
    value = X["length"] + X["rooms"]
    X.loc[3, "length"] = np.nan
    X.loc[5, "town"] = None
    y = value if task == "regression" else pd.Series(np.where(value > 3, "dear", "cheap"))
    return Dataset("houses", X, y.rename("price"), task, "table", "https://example.org/houses")


@pytest.fixture(scope="session")
def classifier():
    """A table, and a classifier of text labels that was fitted on it."""
    dataset = _table("classification")
    model = KerasMLPClassifier(hidden_layer_sizes=(8,), epochs=3, random_state=0)
    steps = [("preprocessing", make_preprocessor(dataset)), ("model", model)]
    return dataset, Pipeline(steps).fit(dataset.X, dataset.y)


@pytest.fixture(scope="session")
def regressor():
    """A table, and a regressor of a scaled target that was fitted on it."""
    dataset = _table("regression")
    model = TransformedTargetRegressor(
        KerasMLPRegressor(hidden_layer_sizes=(8,), epochs=3, random_state=0),
        transformer=StandardScaler(),
    )
    steps = [("preprocessing", make_preprocessor(dataset)), ("model", model)]
    return dataset, Pipeline(steps).fit(dataset.X, dataset.y)
