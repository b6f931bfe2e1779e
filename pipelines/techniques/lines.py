"""An observer of fits that tells another of whole lines."""

from __future__ import annotations

from pipelines.search import Candidate, Evaluation, SearchObserver
from pipelines.techniques.measure import Measure
from pipelines.techniques.plan import Plan
from pipelines.techniques.result import LineResult

__all__ = ["LineObserver"]


class LineObserver(SearchObserver):
    """Tells an observer, such as a tracker, of each line as if it were a candidate.

    A line begins with the first fit that it needs, and ends with the last; its seeds are the
    folds of its evaluation.

    Parameters
    ----------
    observer : SearchObserver
    plan : Plan
    measure : Measure
    """

    def __init__(self, observer: SearchObserver, plan: Plan, measure: Measure):
        self.observer = observer
        self.plan = plan
        self.measure = measure
        self._begun: set[int] = set()
        self._done: dict[int, Evaluation] = {}

    def on_candidate_begin(self, candidate: Candidate) -> None:
        """Begin the lines that have waited for this fit."""
        for line, numbers in zip(self.plan.lines, self.plan.unit_numbers, strict=True):
            if candidate.number in numbers and line.number not in self._begun:
                self._begun.add(line.number)
                self.observer.on_candidate_begin(line.candidate)

    def on_candidate_end(self, evaluation: Evaluation) -> None:
        """End the lines for which this was the last fit."""
        self._done[evaluation.candidate.number] = evaluation
        for line, numbers in zip(self.plan.lines, self.plan.unit_numbers, strict=True):
            if evaluation.candidate.number in numbers and self._done.keys() >= set(numbers):
                seeds = tuple(self._done[number] for number in numbers)
                result = LineResult(line, self.measure, seeds)
                self.observer.on_candidate_end(result.as_evaluation())

    def on_candidate_recalled(self, evaluation: Evaluation) -> None:
        """Count a fit that was known already."""
        self.on_candidate_begin(evaluation.candidate)
        self.on_candidate_end(evaluation)
