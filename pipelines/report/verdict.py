"""The verdict on a search: what won, and what it is not shown to be better than."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from pipelines.challenge import Challenge
from pipelines.report.constant import constant_scores
from pipelines.report.metric import PrintedMetric
from pipelines.search import BaselineResult, Evaluation
from pipelines.search.fold import Split
from pipelines.statistics import Comparison, compare, mean_test_ratio

__all__ = [
    "Cost",
    "Drawn",
    "EnsembleResult",
    "SearchVerdict",
    "configuration_key",
    "judge_search",
    "training_seconds",
]


@dataclass(frozen=True)
class Cost:
    """What a search took.

    Attributes
    ----------
    seconds : float
        Wall time of all candidates, and of the fit of the best one.
    n_fits : int
        Fits that came to their end.
    training_seconds, setup_seconds : float
        Of these fits: their epochs without the first one's compiling, and all else, which is
        compiling and preprocessing.
    baseline_seconds : float
    """

    seconds: float
    n_fits: int
    training_seconds: float
    setup_seconds: float
    baseline_seconds: float


@dataclass(frozen=True)
class Drawn:
    """What a search has drawn beside what it began with.

    Attributes
    ----------
    best, best_first : Evaluation
        The best of what was drawn, and of what it began with.
    comparison : Comparison
        Of the first with the second.
    """

    best: Evaluation
    best_first: Evaluation
    comparison: Comparison


@dataclass(frozen=True)
class EnsembleResult:
    """The ensemble of the best configurations.

    Attributes
    ----------
    n_members, n_configurations : int
    test_scores : mapping of str to float
        On the held-out rows, by scorer.
    challenge : Challenge
        Of the winner by the ensemble, on these rows.
    """

    n_members: int
    n_configurations: int
    test_scores: Mapping[str, float]
    challenge: Challenge


@dataclass(frozen=True)
class SearchVerdict:
    """What a search says about its configurations.

    Attributes
    ----------
    metric : PrintedMetric
        By which they are ranked.
    metrics : mapping of str to PrintedMetric
        All, by scorer.
    winner : Evaluation
        The best by its mean over the folds, or the next best where that one could not be fitted
        on all rows.
    evaluations : tuple of Evaluation
        All, in the order of the search.
    ranked : tuple of Evaluation
        The complete ones, the best first.
    n_unfinished : mapping of str to int
        The others by status.
    comparisons : mapping of int to Comparison
        Each complete one against the winner, by its candidate's number, in the metric as it is
        printed; corrected for their number. One that is below a constant, as :func:`judge_search`
        has it, is worse.
    baselines : tuple of BaselineResult
    rivals : mapping of str to Comparison
        Each baseline that was fitted against the winner, corrected for their number.
    test_scores : mapping of str to float
        The winner's, refitted, on the held-out rows, by scorer.
    n_folds, n_test_rows : int
    cost : Cost
    n_first : int or None
        How many candidates were not drawn, of a search that draws.
    drawn : Drawn or None
        Of a search that draws.
    ensemble : EnsembleResult or None
        Where there is one.
    constant : ndarray of shape (n_folds,) or None
        Scores of a constant prediction, where they are known; see
        :func:`pipelines.report.constant.constant_scores`.
    below_constant : frozenset of int
        Numbers of the configurations that are below a constant where the winner is above it.
    """

    metric: PrintedMetric
    metrics: Mapping[str, PrintedMetric]
    winner: Evaluation
    evaluations: tuple[Evaluation, ...]
    ranked: tuple[Evaluation, ...]
    n_unfinished: Mapping[str, int]
    comparisons: Mapping[int, Comparison]
    baselines: tuple[BaselineResult, ...]
    rivals: Mapping[str, Comparison]
    test_scores: Mapping[str, float]
    n_folds: int
    n_test_rows: int
    cost: Cost
    n_first: int | None = None
    drawn: Drawn | None = None
    ensemble: EnsembleResult | None = None
    constant: np.ndarray | None = None
    below_constant: frozenset[int] = frozenset()

    @cached_property
    def distinct(self) -> list[Evaluation]:
        """The complete configurations, the best first, each once, however often it was drawn."""
        firsts: dict[str, Evaluation] = {}
        for one in (self.winner, *self.ranked):
            firsts.setdefault(configuration_key(one), one)
        return [one for one in self.ranked if firsts[configuration_key(one)] is one]

    def is_tied(self, evaluation: Evaluation) -> bool:
        """Whether a complete configuration is the winner, or not shown to be worse."""
        if evaluation is self.winner:
            return True
        return self.comparisons[evaluation.candidate.number].verdict != "worse"

    @property
    def tied(self) -> list[Evaluation]:
        """The winner and those not shown to be worse, the best first, each configuration once."""
        return [one for one in self.distinct if self.is_tied(one)]

    @property
    def simplest(self) -> Evaluation:
        """Of the tied ones the one with the fewest weights; of equal ones the best."""
        return min(self.tied, key=lambda one: one.folds[0].n_weights)

    @property
    def fastest(self) -> Evaluation:
        """Of the tied ones the one whose epochs take the least time together."""
        return min(self.tied, key=training_seconds)

    @property
    def detectable(self) -> float:
        """The difference from the winner that such a search sees in 4 of 5 cases.

        It is the median over the configurations, without those that are below a constant; nan where
        there are fewer than three folds.
        """
        numbers = {one.candidate.number for one in self.distinct if one is not self.winner}
        found = [self.comparisons[each].detectable for each in numbers - self.below_constant]
        found = [one for one in found if math.isfinite(one)]
        return float(np.median(found)) if found else math.nan

    @property
    def no_better_than_constant(self) -> list[Evaluation]:
        """Complete configurations, each once, that are no better than a constant prediction."""
        if self.constant is None:
            return []
        least, scorer = self.constant.mean(), self.metric.scorer
        return [one for one in self.distinct if one.validation_mean(scorer) <= least]


def judge_search(
    evaluations: Sequence[Evaluation],
    winner: Evaluation,
    *,
    metrics: Sequence[PrintedMetric],
    splits: Sequence[Split],
    test_scores: Mapping[str, float],
    n_test_rows: int,
    baselines: Sequence[BaselineResult] = (),
    y: pd.Series | None = None,
    seconds: float = math.nan,
    n_first: int | None = None,
    ensemble: EnsembleResult | None = None,
) -> SearchVerdict:
    """Judge what a search found.

    Every complete configuration is compared with the winner by the corrected resampled t test on
    the differences by fold; see :func:`pipelines.statistics.compare`. That test shows nothing of a
    configuration that has not learned at all, whose scores vary by thousands, since the spread of
    the differences is what it measures them by. So one that is worse than a constant prediction in
    every fold, where the winner is better than it in every fold, is worse whatever the test says.

    Parameters
    ----------
    evaluations : sequence of Evaluation
    winner : Evaluation
        One of them.
    metrics : sequence of PrintedMetric
        The first one ranks.
    splits : sequence of pairs of ndarray
        The folds' training and validation rows.
    test_scores : mapping of str to float
    n_test_rows : int
    baselines : sequence of BaselineResult, default=()
    y : Series of length n_rows, default=None
        Targets of the rows that the splits number, where each row has one.
    seconds : float, default=nan
        Wall time of the search.
    n_first : int, default=None
        How many candidates were not drawn, of a search that draws; they come first.
    ensemble : EnsembleResult, default=None

    Returns
    -------
    SearchVerdict
    """
    metric, *_ = metrics
    scorer = metric.scorer
    complete = sorted(
        (one for one in evaluations if one.folds), key=lambda one: -one.validation_mean(scorer)
    )
    ratio = mean_test_ratio(splits)

    def against(arms: Mapping[str, np.ndarray], reference: np.ndarray) -> dict[str, Comparison]:
        values = {name: metric.value(1.0) * scores for name, scores in arms.items()}
        return compare(
            values,
            metric.value(1.0) * reference,
            greater_is_better=metric.greater_is_better,
            test_ratio=ratio,
        )

    best = winner.scores(scorer, "validation")
    others = {
        str(one.candidate.number): one.scores(scorer, "validation")
        for one in complete
        if one is not winner
    }
    constant = constant_scores(scorer, splits, baselines=baselines, y=y)
    below = _below_constant(complete, winner, scorer, constant)
    comparisons = {int(number): one for number, one in against(others, best).items()}
    comparisons |= {number: replace(comparisons[number], verdict="worse") for number in below}
    fitted = {one.name: one.validation[scorer] for one in baselines if one.validation}
    drawn = None
    firsts = [one for one in complete if one.candidate.number < (n_first or 0)]
    others_drawn = [one for one in complete if one not in firsts]
    if firsts and others_drawn:
        mine = {"drawn": others_drawn[0].scores(scorer, "validation")}
        comparison = against(mine, firsts[0].scores(scorer, "validation"))["drawn"]
        drawn = Drawn(others_drawn[0], firsts[0], comparison)
    return SearchVerdict(
        metric=metric,
        metrics={one.scorer: one for one in metrics},
        winner=winner,
        evaluations=tuple(evaluations),
        ranked=tuple(complete),
        n_unfinished=_unfinished(evaluations),
        comparisons=comparisons,
        baselines=tuple(baselines),
        rivals=against(fitted, best),
        test_scores=test_scores,
        n_folds=len(splits),
        n_test_rows=n_test_rows,
        cost=_cost(evaluations, baselines, seconds),
        n_first=n_first,
        drawn=drawn,
        ensemble=ensemble,
        constant=constant,
        below_constant=below,
    )


def training_seconds(evaluation: Evaluation) -> float:
    """Seconds of a fit's epochs, without compiling: their number times the median one."""
    return float(np.mean([fold.n_epochs * fold.epoch_seconds for fold in evaluation.folds]))


def configuration_key(evaluation: Evaluation) -> str:
    """A text that two evaluations share where their configurations are the same."""
    return repr(sorted(evaluation.candidate.hyperparameters.items()))


def _below_constant(
    complete: Sequence[Evaluation], winner: Evaluation, scorer: str, constant: np.ndarray | None
) -> frozenset[int]:
    if constant is None or not (winner.scores(scorer, "validation") > constant).all():
        return frozenset()
    return frozenset(
        one.candidate.number
        for one in complete
        if (one.scores(scorer, "validation") < constant).all()
    )


def _unfinished(evaluations: Sequence[Evaluation]) -> dict[str, int]:
    return dict(Counter(one.status for one in evaluations if not one.folds))


def _cost(
    evaluations: Sequence[Evaluation], baselines: Sequence[BaselineResult], seconds: float
) -> Cost:
    folds = [fold for one in evaluations for fold in one.folds]
    training = sum(fold.n_epochs * fold.epoch_seconds for fold in folds)
    fitting = sum(fold.fit_seconds for fold in folds)
    return Cost(
        seconds=seconds,
        n_fits=len(folds),
        training_seconds=training,
        setup_seconds=max(0.0, fitting - training),
        baseline_seconds=sum(one.seconds for one in baselines),
    )
