"""The model behind `mlflow models serve`."""

import json
import urllib.error
import urllib.request

import pytest

from pipelines.tracking import log_pipeline

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
