"""A real tracking server, in good days and in bad ones."""

from __future__ import annotations

import contextlib
import http.client
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest
from mlflow import MlflowClient

from pipelines.errors import InputError
from pipelines.tracking import MLflowTracker, load_pipeline, upload_journals

pytestmark = pytest.mark.slow


def children_of(client, tracker):
    runs = client.search_runs(
        [tracker.experiment_id], f"tags.`mlflow.parentRunId` = '{tracker.run_id}'"
    )
    return sorted(runs, key=lambda run: int(run.data.tags["candidate"]))


@contextlib.contextmanager
def proxy(address):
    """What stands before a server and can be put in a mood: None, "500", "hangs", "deaf"."""
    target = urlsplit(address).netloc

    class Handler(BaseHTTPRequestHandler):
        def handle_one(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if server.mood == "hangs":
                server.release.wait(60)
            connection = http.client.HTTPConnection(target, timeout=30)
            connection.request(self.command, self.path, body, dict(self.headers))
            answer = connection.getresponse()
            content = answer.read()
            if server.mood == "deaf":  # carried out, but the answer is lost
                self.close_connection = True
                return
            status = 500 if server.mood == "500" else answer.status
            self.send_response(status)
            for name, value in answer.getheaders():
                if name.lower() not in ("transfer-encoding", "content-length", "connection"):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args):
            pass

    for verb in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        setattr(Handler, f"do_{verb}", Handler.handle_one)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.mood = None
    server.release = threading.Event()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server, f"http://127.0.0.1:{server.server_port}"
    finally:
        server.release.set()
        server.shutdown()
        server.server_close()


@pytest.fixture
def search(make_candidate, make_evaluation):
    """A function that has a tracker record some candidates."""

    def run(tracker, numbers):
        for number in numbers:
            candidate = make_candidate(number)
            tracker.on_candidate_begin(candidate)
            tracker.on_candidate_end(make_evaluation(candidate))

    return run


def test_a_search_is_tracked(classifier, tracking_server, search, monkeypatch, capfd):
    dataset, pipeline = classifier
    with tracking_server() as (address, _):
        monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
        with MLflowTracker(experiment="served") as tracker:
            tracker.log_dataset(dataset)
            search(tracker, [0])
            tracker.log_model(pipeline, dataset.X)
            assert tracker.kept_model() is not None
        assert capfd.readouterr() == ("", "")
        client = MlflowClient(tracking_uri=address)
        (child,) = children_of(client, tracker)
        assert child.info.status == client.get_run(tracker.run_id).info.status == "FINISHED"
        assert child.data.metrics["network/n_weights"] == 1234
        monkeypatch.delenv("MLFLOW_TRACKING_URI")
        again = load_pipeline(tracker.run_id, address)
        assert again.predict(dataset.X).tolist() == pipeline.predict(dataset.X).tolist()


def test_nothing_is_lost_while_the_server_is_in_trouble(tracking_server, search):
    with tracking_server() as (address, _), proxy(address) as (server, way):
        with MLflowTracker(experiment="served", tracking_uri=way) as tracker:
            search(tracker, [0])
            for number, mood in enumerate(["500", "deaf", "hangs"], start=1):
                server.release.clear()
                server.mood = mood
                search(tracker, [number])  # goes on
                assert not tracker.flush(timeout=1.5)
                server.mood = None
                server.release.set()
                assert tracker.flush(timeout=30)
        client = MlflowClient(tracking_uri=address)
        children = children_of(client, tracker)
        assert [run.data.tags["candidate"] for run in children] == list("0123")
        for run in children:
            assert run.info.status == "FINISHED"
            assert len(client.get_metric_history(run.info.run_id, "curves/loss")) == 3
        assert client.get_run(tracker.run_id).info.status == "FINISHED"


def test_a_server_that_never_comes_back_leaves_a_journal_to_upload(
    tracking_server, search, monkeypatch, tmp_path
):
    monkeypatch.setattr("pipelines.tracking.tracker._TIMEOUT", 2)
    with tracking_server() as (address, process):
        tracker = MLflowTracker(experiment="served", tracking_uri=address).__enter__()
        search(tracker, [0])
        assert tracker.flush(timeout=10)
        process.terminate()
        process.wait(timeout=30)
        search(tracker, [1, 2])
        with pytest.warns(RuntimeWarning, match="kept in .searches/.*: `python -m pipelines upl"):
            tracker.__exit__(None, None, None)
    journals = tmp_path / ".searches"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
    with pytest.raises(InputError, match="Connection refused"):
        list(upload_journals(journals))
    with tracking_server() as (address, _):
        monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
        ((folder, _, refused),) = upload_journals(journals)
        assert (folder.parent, refused) == (journals, [])
        client = MlflowClient(tracking_uri=address)
        children = children_of(client, tracker)
        assert [run.info.status for run in children] == ["FINISHED"] * 3
        assert client.get_run(tracker.run_id).info.status == "FINISHED"
    assert not journals.exists()


def test_a_writer_that_is_killed_is_replaced(client, search, kill_writer):
    with MLflowTracker(experiment="digits") as tracker:
        for number in range(3):
            search(tracker, [number])
            kill_writer()
        search(tracker, [3])
    children = children_of(client, tracker)
    assert [run.data.tags["candidate"] for run in children] == list("0123")
    assert {run.info.status for run in children} == {"FINISHED"}
    assert client.get_run(tracker.run_id).info.status == "FINISHED"
