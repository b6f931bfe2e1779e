"""Configurations are read as they were recorded."""

from __future__ import annotations

import pytest

from pipelines.errors import InputError
from pipelines.tracking import MLflowTracker, read_configuration


def record(candidates, make_evaluation):
    with MLflowTracker(experiment="houses", run_name="grid houses") as tracker:
        tracker.log_settings({"dataset": "houses", "preset": "fast", "scaling": "auto", "folds": 2})
        for candidate in candidates:
            tracker.on_candidate_begin(candidate)
            evaluation = make_evaluation(candidate)
            tracker.on_candidate_end(evaluation)
        if candidates:
            tracker.log_best(evaluation)
    return tracker.run_id


def test_of_a_search_it_is_the_best_one(client, make_candidate, make_evaluation):
    candidates = [make_candidate(0), make_candidate(1)]
    run_id = record(candidates, make_evaluation)
    values, settings = read_configuration(run_id)
    assert values == dict(candidates[1].hyperparameters)
    assert settings == {"dataset": "houses", "preset": "fast", "scaling": "auto"}
    best = client.get_run(run_id).data.tags["best_run_id"]
    assert read_configuration(best) == (values, settings)


def test_runs_that_are_none(client, make_evaluation):
    with pytest.raises(InputError, match="There is no run '0123' at sqlite"):
        read_configuration("0123")
    run_id = record([], make_evaluation)
    with pytest.raises(InputError, match="is neither that of a configuration nor"):
        read_configuration(run_id)
