"""What observers are told of groups of candidates."""

from __future__ import annotations

import pytest

from pipelines.search import Candidate, Evaluation, Group, SearchObserver, evaluate_all


class Told(SearchObserver):
    def __init__(self):
        self.events = []

    def on_candidate_begin(self, candidate):
        self.events.append(("begin", candidate.name))

    def on_candidate_end(self, evaluation):
        self.events.append(("end", evaluation.candidate.name))

    def on_candidate_resumed(self, evaluation):
        self.events.append(("resumed", evaluation.candidate.name))

    def on_group_begin(self, group):
        self.events.append(("begin", group.name))

    def on_group_end(self, group, evaluations):
        names = "".join(evaluation.candidate.name for evaluation in evaluations)
        self.events.append(("end", group.name, names))


def evaluate(candidate):
    return Evaluation(candidate, "complete", None, (), 0.0, 1.0)


@pytest.fixture
def candidates():
    return [Candidate(number, {}, {}, name, name) for number, name in enumerate("abcd")]


# What b is evaluated for is asked by both.
GROUPS = [Group(10, "first", {}, (0, 1)), Group(11, "second", {}, (3, 1))]


def test_a_group_is_around_its_candidates(candidates):
    told = Told()
    evaluate_all(candidates, evaluate, n_jobs=1, observers=[told], groups=GROUPS)
    assert told.events == [
        ("begin", "first"),
        ("begin", "a"),
        ("end", "a"),
        ("begin", "second"),
        ("begin", "b"),
        ("end", "b"),
        ("end", "first", "ab"),
        ("begin", "c"),
        ("end", "c"),
        ("begin", "d"),
        ("end", "d"),
        ("end", "second", "db"),
    ]


def test_candidates_that_were_known_count(candidates):
    told = Told()
    known = {one.fingerprint: evaluate(one) for one in candidates[:2]}
    evaluate_all(
        candidates, evaluate, n_jobs=1, observers=[told], groups=GROUPS, resume=lambda _: known
    )
    assert told.events == [
        ("begin", "first"),
        ("resumed", "a"),
        ("begin", "second"),
        ("resumed", "b"),
        ("end", "first", "ab"),
        ("begin", "c"),
        ("end", "c"),
        ("begin", "d"),
        ("end", "d"),
        ("end", "second", "db"),
    ]
