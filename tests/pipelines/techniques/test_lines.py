"""What a tracker is told of a study."""

from __future__ import annotations

import pytest

from pipelines import make_pipeline
from pipelines.search import Evaluation, SearchObserver
from pipelines.techniques import choose_rows, make_plan, table_for
from pipelines.techniques.lines import LineObserver
from tests.pipelines.made_up_study import ACCURACY, make_fold


class Told(SearchObserver):
    def __init__(self):
        self.events = []

    def on_candidate_begin(self, candidate):
        self.events.append(("begin", candidate.number))

    def on_candidate_end(self, evaluation):
        self.events.append(("end", evaluation.candidate.number, len(evaluation.folds)))

    def on_candidate_resumed(self, evaluation):
        self.events.append(("resumed", evaluation.candidate.number))


@pytest.fixture
def plan(iris):
    table = choose_rows(table_for(iris), ["selu"])
    return make_plan(
        table, make_pipeline(iris), variants=["as described"], seeds=[0, 1], overrides={}
    )


def evaluation_of(unit):
    return Evaluation(unit, "complete", None, (make_fold(0.5),), 0.0, 1.0)


def test_a_line_is_around_its_fits(plan):
    told = Told()
    observer = LineObserver(told, plan, ACCURACY)
    for unit in plan.units:
        observer.on_candidate_begin(unit)
        observer.on_candidate_end(evaluation_of(unit))
    # Lines 0 and 1; fits 2 and 3 with the first seed, then 5 and 4 with the second.
    assert told.events == [
        ("begin", 0),
        ("begin", 2),
        ("end", 2, 1),
        ("begin", 1),
        ("begin", 3),
        ("end", 3, 1),
        ("begin", 5),
        ("end", 5, 1),
        ("end", 1, 2),
        ("begin", 4),
        ("end", 4, 1),
        ("end", 0, 2),
    ]


def test_fits_that_were_known_count(plan):
    told = Told()
    observer = LineObserver(told, plan, ACCURACY)
    by_number = {unit.number: unit for unit in plan.units}
    observer.on_candidate_resumed(evaluation_of(by_number[2]))
    observer.on_candidate_begin(by_number[4])
    observer.on_candidate_end(evaluation_of(by_number[4]))
    assert told.events == [
        ("begin", 0),
        ("resumed", 2),
        ("begin", 4),
        ("end", 4, 1),
        ("end", 0, 2),
    ]
