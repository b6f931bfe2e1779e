"""Searches record to any tracker, not to MLflow's only."""

from __future__ import annotations

import inspect

import pytest

from pipelines import GridSearch, load_dataset, make_pipeline
from pipelines.cli.beginning import record_beginning
from pipelines.cli.outcome import record_outcome
from pipelines.search import SearchObserver
from pipelines.tracker import Tracker
from pipelines.tracking import MLflowTracker


class ListTracker(SearchObserver):
    """Keeps its records in a list; of another search's list it finds the evaluations."""

    run_id = "0"
    address = "a list"

    def __init__(self, earlier=()):
        self.earlier = earlier
        self.records = []
        self.parents = {}

    def __enter__(self):
        return self

    def __exit__(self, kind, error, traceback):
        self.records.append(("exit", kind))

    def find_evaluations(self, fingerprints):
        ended = [what for name, what in self.earlier if name == "on_candidate_end"]
        known = {evaluation.candidate.fingerprint: evaluation for evaluation in ended}
        return {one: known[one] for one in fingerprints if one in known}

    def on_candidate_begin(self, candidate):
        self.records.append(("on_candidate_begin", candidate))

    def on_candidate_end(self, evaluation):
        self.records.append(("on_candidate_end", evaluation))

    def on_candidate_resumed(self, evaluation):
        self.records.append(("on_candidate_resumed", evaluation))

    def log_settings(self, settings):
        self.records.append(("log_settings", settings))

    def log_dataset(self, dataset, context="development"):
        self.records.append(("log_dataset", context))

    def log_text(self, text, path):
        self.records.append(("log_text", path))

    def log_bytes(self, content, path):
        self.records.append(("log_bytes", path))

    def log_metrics(self, candidate, metrics):
        self.records.append(("log_metrics", metrics))

    def log_results(self, results):
        self.records.append(("log_results", results))

    def log_best(self, evaluation):
        self.records.append(("log_best", evaluation))

    def log_test_scores(self, scores):
        self.records.append(("log_test_scores", scores))

    def log_model(self, pipeline, X_example):
        self.records.append(("log_model", pipeline))


MEMBERS = {name for name in vars(Tracker) if not name.startswith("_")} | {"__enter__", "__exit__"}


@pytest.mark.parametrize("implementation", [MLflowTracker, ListTracker])
def test_a_tracker_takes_what_the_protocol_says(implementation):
    for name in MEMBERS:
        expected = inspect.signature(getattr(Tracker, name)).parameters
        found = inspect.signature(getattr(implementation, name)).parameters
        assert list(found) == list(expected), name
        assert (
            implementation is not MLflowTracker
            or name in vars(MLflowTracker)
            or hasattr(SearchObserver, name)
        )


def search_with(tracker, iris, resume=None):
    development, test = iris.split(0.3, random_state=0)
    search = GridSearch(
        make_pipeline(development, hidden_layer_sizes=(4,), epochs=2, random_state=0),
        {"activation": ["relu", "selu"]},
        observers=[tracker],
        recall=resume,
    )
    with tracker:
        record_beginning(tracker, development, test, {"seed": 0})
        search.fit(development.X, development.y)
        record_outcome(search, development, test, tracker, title="Iris", facts={"seed": 0})
    return search


def test_a_search_records_to_a_list(capsys):
    iris = load_dataset("iris")
    tracker = ListTracker()
    search = search_with(tracker, iris)
    assert [name for name, _ in tracker.records] == [
        "log_settings",
        "log_dataset",
        "log_dataset",
        *["on_candidate_begin", "on_candidate_end"] * 2,
        "log_results",
        "log_best",
        "log_test_scores",
        "log_text",
        "log_model",
        "exit",
    ]
    records = dict(tracker.records)
    assert records["log_best"] is search.evaluations_[search.best_index_]
    assert records["log_model"] is search.best_estimator_
    assert "Recorded as run 0 in a list." in capsys.readouterr().out

    again = ListTracker(tracker.records)
    search_with(again, iris, resume=again.find_evaluations)
    names = [name for name, _ in again.records]
    assert names.count("on_candidate_resumed") == 2
    assert "on_candidate_begin" not in names
