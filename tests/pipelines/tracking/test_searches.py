from __future__ import annotations

import pytest

from pipelines.errors import InputError
from pipelines.tracking import MLflowTracker, read_search


def record(dataset, candidates, make_evaluation):
    """A search that ended; the last candidate is the best one."""
    with MLflowTracker(experiment="houses", run_name="grid houses") as tracker:
        tracker.log_settings({"splitter": "KFold", "folds": 2, "metrics": "accuracy"})
        development, test = dataset.split()
        tracker.log_dataset(development)
        tracker.log_dataset(test, context="test")
        for candidate in candidates:
            tracker.on_candidate_begin(candidate)
            best = make_evaluation(candidate)
            tracker.on_candidate_end(best)
        if candidates:
            tracker.log_best(best)
        tracker.log_test_scores({"accuracy": 0.65})
    return tracker.run_id


def test_a_search_comes_back(client, classifier, make_candidate, make_evaluation):
    dataset, _ = classifier
    run_id = record(dataset, [make_candidate(0), make_candidate(1)], make_evaluation)
    search = read_search(run_id)
    assert (search.run_id, search.name) == (run_id, "grid houses")
    assert search.settings["folds"] == "2"
    assert search.metrics == ["accuracy"]
    assert search.best.candidate.name == "selu 1"
    assert [fold.validation_scores["accuracy"] for fold in search.best.folds] == [0.6, 0.8]
    assert search.test_scores == {"accuracy": 0.65}
    development, test = dataset.split()
    assert search.digests == {"development": development.digest, "test": test.digest}


def test_runs_that_are_no_search(client, classifier, make_candidate, make_evaluation):
    with pytest.raises(InputError, match="There is no run '0123' at sqlite"):
        read_search("0123")
    run_id = record(classifier[0], [], make_evaluation)
    with pytest.raises(
        InputError, match=f"The run '{run_id}' is not that of a search that has end"
    ):
        read_search(run_id)
