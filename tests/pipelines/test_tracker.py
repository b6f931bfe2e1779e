"""Searches record to any tracker, not to MLflow's only."""

from __future__ import annotations

import inspect

import pytest

from pipelines.cli.grid import GridKind
from pipelines.cli.options import DataOptions, RunOptions, ValidationOptions
from pipelines.cli.search import run_search
from pipelines.cli.techniques import StudyOptions, run_techniques
from pipelines.search import SearchObserver
from pipelines.tracker import Tracker
from pipelines.tracking import MLflowTracker


class ListTracker(SearchObserver):
    """Keeps its records in a list; of another search's list it finds the evaluations."""

    run_id = "0"
    address = "a list"
    view = None

    def __init__(self, earlier=()):
        self.earlier = earlier
        self.records = []

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

    def on_group_begin(self, group):
        self.records.append(("on_group_begin", group))

    def on_group_end(self, group, evaluations):
        self.records.append(("on_group_end", group))

    def run_address(self, number):
        return None

    def log_settings(self, settings):
        self.records.append(("log_settings", settings))

    def log_dataset(self, dataset, context="development"):
        self.records.append(("log_dataset", context))

    def log_text(self, text, path):
        self.records.append(("log_text", path))

    def log_bytes(self, content, path):
        self.records.append(("log_bytes", path))

    def log_metrics(self, number, metrics):
        self.records.append(("log_metrics", metrics))

    def log_results(self, results):
        self.records.append(("log_results", results))

    def log_source(self, address):
        self.source = address

    def log_table(self, table, name):
        self.records.append(("log_table", name))

    def log_worths(self, worths):
        self.records.append(("log_worths", worths))

    def find_worths(self):
        return []

    def find_champion(self, name):
        return None

    def register_model(self, model, name, *, card, tags, champion):
        self.records.append(("register_model", name, champion))
        return f"{name}/1"

    def log_best(self, evaluation):
        self.records.append(("log_best", evaluation))

    def log_test_scores(self, scores):
        self.records.append(("log_test_scores", scores))

    def log_summary(self, summary):
        self.records.append(("log_summary", summary))

    def log_model(
        self, pipeline, X_example, statistics=None, *, name="", hyperparameters=(), measured=()
    ):
        self.records.append(("log_model", pipeline))

    def kept_model(self, name="model"):
        return None


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


def search_with(tracker, tmp_path, resume=False):
    grid = tmp_path / "grid.yaml"
    grid.write_text("activation: [relu, selu]\nhidden_layer_sizes: 4")
    return run_search(
        GridKind(str(grid), epochs=2),
        DataOptions("iris", target=None, drop=(), groups=None, task=None, data_home=None),
        ValidationOptions("auto", (), "auto", folds=2, repeats=1, test_size=0.3, baselines="auto"),
        RunOptions(n_jobs=1, seed=0, resume=resume, experiment="list"),
        make_tracker=lambda experiment, run_name: tracker,
    )


def test_a_search_records_to_a_list(capsys, tmp_path):
    tracker = ListTracker()
    search = search_with(tracker, tmp_path)
    assert [name for name, _ in tracker.records] == [
        "log_settings",
        "log_dataset",
        "log_dataset",
        "log_text",
        *["on_candidate_begin", "on_candidate_end"] * 2,
        "log_settings",  # which folds there were
        "log_results",
        "log_best",
        "log_test_scores",
        "log_model",
        "log_worths",
        "log_text",  # the page
        "log_text",  # what to try next
        "log_summary",
        "exit",
    ]
    records = dict(tracker.records)
    assert records["log_best"] is search.evaluations_[search.best_index_]
    assert records["log_model"] is search.best_estimator_
    assert "Recorded as run 0 in a list." in capsys.readouterr().out

    again = ListTracker(tracker.records)
    search_with(again, tmp_path, resume=True)
    names = [name for name, _ in again.records]
    assert names.count("on_candidate_resumed") == 2
    assert "on_candidate_begin" not in names


def test_a_study_records_to_a_list(capsys):
    """Each arm is a group around its seeds."""
    tracker = ListTracker()
    result = run_techniques(
        DataOptions("iris", target=None, drop=(), groups=None, task=None, data_home=None),
        StudyOptions(("selu",), "both", 2, 1, None, 0.2, claims=False, output=None),
        RunOptions(n_jobs=1, seed=0, resume=False, experiment="list"),
        make_tracker=lambda experiment, run_name: tracker,
    )
    names = [name for name, _ in tracker.records]
    assert names[:2] == ["log_settings", "log_dataset"]
    groups = [what for name, what in tracker.records if name == "on_group_end"]
    assert sorted(group.name for group in groups) == [arm.label for arm in result.arms]
    ran = [what.candidate.number for name, what in tracker.records if name == "on_candidate_end"]
    assert sorted(ran) == sorted(number for group in groups for number in group.members)
    assert names.count("log_metrics") == 2
    assert "Recorded as run 0 in a list" in capsys.readouterr().out
