"""The model behind `mlflow models serve`, and a tracking server behind HTTP."""

import json
import time
import urllib.error
import urllib.request

import pytest
from mlflow import MlflowClient

from pipelines.tracking import MLflowTracker, load_pipeline, log_pipeline

pytestmark = pytest.mark.slow


def post(address, content):
    request = urllib.request.Request(
        f"{address}/invocations",
        json.dumps(content).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)["predictions"]


def test_the_model_is_served(client, classifier, run_server, tmp_path):
    dataset, pipeline = classifier
    run_id = client.create_run(client.create_experiment("houses")).info.run_id
    log_pipeline(client, run_id, pipeline, dataset.X)
    rows = dataset.X.head(8).astype(object)
    rows.iloc[1, 0] = None
    rows.iloc[2, 1] = None
    rows.iloc[3, 2] = None
    rows.iloc[4, 2] = "Dachau"
    rows.iloc[5, 3] = None
    table = {"dataframe_split": json.loads(rows.to_json(orient="split", index=False))}
    arguments = ["models", "serve", "-m", f"runs:/{run_id}/model", "--env-manager", "local"]
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    with run_server(
        arguments,
        elsewhere,
        "/ping",
        MLFLOW_TRACKING_URI=client.tracking_uri,
        MLFLOW_ALLOW_PICKLE_DESERIALIZATION="false",
    ) as (address, _):
        labels = post(address, table)
        chances = post(address, {**table, "params": {"predict_method": "predict_proba"}})
        with pytest.raises(urllib.error.HTTPError, match="400"):
            post(address, {**table, "params": {"predict_method": "fit"}})
    numbers = rows.astype({"length": float, "rooms": float})
    assert labels == pipeline.predict(numbers).tolist()
    assert [list(row) for row in chances] == [["cheap", "dear"]] * len(rows)
    expected = pipeline.predict_proba(numbers)
    for row, wanted in zip(chances, expected, strict=True):
        assert list(row.values()) == pytest.approx(wanted.tolist())


def test_a_search_is_tracked_by_a_server_until_that_ends(
    classifier,
    run_server,
    tmp_path,
    fresh_database,
    make_candidate,
    make_evaluation,
    monkeypatch,
    capfd,
):
    dataset, pipeline = classifier
    arguments = ["server", "--workers", "1"]
    arguments += ["--backend-store-uri", f"sqlite:///{fresh_database}"]
    arguments += ["--artifacts-destination", str(tmp_path / "artifacts")]
    with run_server(arguments, tmp_path, "/health", MLFLOW_SERVER_ENABLE_JOB_EXECUTION="false") as (
        address,
        process,
    ):
        monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
        with MLflowTracker(experiment="served") as tracker:
            candidate = make_candidate(0)
            tracker.on_candidate_begin(candidate)
            tracker.on_candidate_end(make_evaluation(candidate))
            assert tracker.log_model(pipeline, dataset.X) is not None
        assert capfd.readouterr() == ("", "")
        client = MlflowClient(tracking_uri=address)
        runs = client.search_runs([tracker.experiment_id])
        assert [run.info.status for run in runs] == ["FINISHED", "FINISHED"]
        (child,) = (run for run in runs if "mlflow.parentRunId" in run.data.tags)
        assert child.data.tags["mlflow.parentRunId"] == tracker.run_id
        assert child.data.metrics["n_weights"] == 1234
        monkeypatch.delenv("MLFLOW_TRACKING_URI")
        again = load_pipeline(tracker.run_id, address)
        assert again.predict(dataset.X).tolist() == pipeline.predict(dataset.X).tolist()

        monkeypatch.setattr("pipelines.tracking.tracker._PATIENCE", 2)
        tracker = MLflowTracker(experiment="served", tracking_uri=address).__enter__()
        assert tracker._writer.drain(patience=10)
        process.terminate()
        process.wait(timeout=30)
        started = time.monotonic()
        candidate = make_candidate(0)
        tracker.on_candidate_begin(candidate)
        tracker.on_candidate_end(make_evaluation(candidate))
        with pytest.warns(RuntimeWarning, match=f"in MLflow at {address} is incomplete"):
            tracker.__exit__(None, None, None)
        assert time.monotonic() - started < 10
