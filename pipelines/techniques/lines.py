"""An observer of fits that tells another of whole lines around them."""

from __future__ import annotations

from pipelines.search import Candidate, Evaluation, SearchObserver
from pipelines.search.observer import EpochWriter
from pipelines.techniques.measure import Measure
from pipelines.techniques.plan import Plan
from pipelines.techniques.result import LineResult

__all__ = ["LineObserver"]


class LineObserver(SearchObserver):
    """Tells an observer, such as a tracker, of fits and of lines, as if both were candidates.

    A line begins before the first fit that it needs, and ends after the last; its seeds are the
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
        """Begin the lines that have waited for this fit, then the fit."""
        self._begin_lines(candidate)
        self.observer.on_candidate_begin(candidate)

    def _begin_lines(self, candidate: Candidate) -> None:
        for line, numbers in zip(self.plan.lines, self.plan.unit_numbers, strict=True):
            if candidate.number in numbers and line.number not in self._begun:
                self._begun.add(line.number)
                self.observer.on_candidate_begin(line.candidate)

    def epoch_writer(self, candidate: Candidate) -> EpochWriter | None:
        """Let the epochs of a fit be written as the observer has it."""
        return self.observer.epoch_writer(candidate)

    def on_candidate_end(self, evaluation: Evaluation) -> None:
        """End the fit, then the lines for which it was the last one."""
        self.observer.on_candidate_end(evaluation)
        self._end_lines(evaluation)

    def _end_lines(self, evaluation: Evaluation) -> None:
        self._done[evaluation.candidate.number] = evaluation
        for line, numbers in zip(self.plan.lines, self.plan.unit_numbers, strict=True):
            if evaluation.candidate.number in numbers and self._done.keys() >= set(numbers):
                seeds = tuple(self._done[number] for number in numbers)
                result = LineResult(line, self.measure, seeds)
                self.observer.on_candidate_end(result.as_evaluation())

    def on_candidate_resumed(self, evaluation: Evaluation) -> None:
        """Count a fit that was known already."""
        self._begin_lines(evaluation.candidate)
        self.observer.on_candidate_resumed(evaluation)
        self._end_lines(evaluation)
