from __future__ import annotations

import json

import keras
import pytest

from pipelines.tracker import RecordedWorth
from pipelines.tracking import MLflowTracker
from pipelines.tracking.tags import WORTHS_TAG
from pipelines.tracking.worths import dump_worths, find_worths


@pytest.fixture
def make_worth():
    """A function that makes what was recorded of some hyperparameters."""

    def make(dataset="houses", verdict="better", **hyperparameters):
        return RecordedWorth(dataset, "regression", hyperparameters or {"dropout": 0.1}, verdict)

    return make


def test_what_one_search_records_another_finds(client, make_worth):
    worths = [
        make_worth(hidden_layer_sizes=(8, 4), learning_rate_factors={"bias": 0.1}),
        make_worth(verdict="worse", dropout=0.5),
    ]
    with MLflowTracker(experiment="one") as tracker:
        tracker.log_worths(worths)
    with MLflowTracker(experiment="another") as tracker:
        tracker.log_worths([make_worth("flats")])
        assert tracker.flush()
        found = tracker.find_worths()
    assert [one.dataset for one in found] == ["flats", "houses", "houses"]  # the newest first
    first = found[1]
    assert first.hyperparameters == {
        "hidden_layer_sizes": [8, 4],
        "learning_rate_factors": {"bias": 0.1},
    }
    assert (first.task, first.verdict, found[2].verdict) == ("regression", "better", "worse")


def test_where_nothing_is_recorded_nothing_is_found(client):
    with MLflowTracker(experiment="one") as tracker:
        tracker.log_worths([])
    assert find_worths(client) == []


def test_what_is_not_a_list_of_worths_is_no_reason_to_stop(client, recwarn):
    run = client.create_run(client.create_experiment("broken"))
    client.set_tag(run.info.run_id, WORTHS_TAG, "half a li")
    with MLflowTracker(experiment="one") as tracker:
        assert tracker.find_worths() == []
    assert [str(one.message) for one in recwarn if one.category is RuntimeWarning] == []


def test_at_the_end_of_a_search_they_are_asked_for_once(client, make_worth):
    with MLflowTracker(experiment="one") as tracker:
        tracker.log_worths([make_worth("flats")])
        tracker.on_search_end()
        tracker.log_worths([make_worth("boats")])
        found = tracker.find_worths()
    assert [one.dataset for one in found] == ["flats"]


def test_what_helps_comes_first_and_a_tag_is_not_too_long(make_worth):
    many = [make_worth(verdict="worse", dropout=n / 1000) for n in range(900)]
    text = dump_worths([*many, make_worth(batch_norm="after_dense")])
    assert len(text) <= 6000
    told = json.loads(text)
    assert told[0] == ["houses", "regression", {"batch_norm": "after_dense"}, "better"]
    assert len(told) > 50


def test_what_json_does_not_have_is_left_out(make_worth):
    schedule = keras.optimizers.schedules.CosineDecay(0.1, 10)
    assert dump_worths([make_worth(learning_rate=schedule)]) == ""


def test_what_has_no_verdict_is_left_out(make_worth):
    assert dump_worths([make_worth(verdict="no verdict")]) == ""
