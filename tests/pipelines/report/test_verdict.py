from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from pipelines.report import printed_metric
from pipelines.report.verdict import training_seconds

WINNER = (0.90, 0.92, 0.91, 0.93, 0.94)


def shifted(*by):
    return [one - shift for one, shift in zip(WINNER, by, strict=True)]


@pytest.fixture(scope="module")
def verdict(of_folds, judged, failed):
    """Five folds; "near" varies around the winner, "far" is always worse."""
    return judged(
        [
            of_folds(0, "far", shifted(0.30, 0.31, 0.29, 0.30, 0.32), n_weights=10),
            of_folds(1, "winner", WINNER, n_weights=500),
            of_folds(2, "near", shifted(0.01, -0.005, 0.0, 0.002, 0.003), n_weights=90),
            of_folds(
                3, "light", shifted(0.02, 0.0, -0.01, 0.02, 0.0), n_weights=80, epoch_seconds=9
            ),
            failed(4, "broken", "It broke."),
            failed(5, "late", "Too late.", status="pruned"),
        ]
    )


def names(evaluations):
    return [one.candidate.name for one in evaluations]


def test_who_is_tied(verdict):
    assert names(verdict.ranked) == ["winner", "near", "light", "far"]
    assert names(verdict.tied) == ["winner", "near", "light"]
    assert verdict.comparisons[0].verdict == "worse"
    assert verdict.n_unfinished == {"failed": 1, "pruned": 1}


def test_the_simplest_and_the_fastest_are_among_the_tied(verdict):
    assert verdict.simplest.candidate.name == "light"  # "far" has fewer weights
    assert verdict.fastest.candidate.name == "winner"  # as fast as "near", and better


def test_the_corrected_resampled_test_by_hand(verdict):
    """Nadeau and Bengio: t = mean / sqrt((1 / k + n_test / n_train) variance), k - 1 degrees."""
    differences = -np.array([0.01, -0.005, 0.0, 0.002, 0.003])
    t = differences.mean() / math.sqrt((1 / 5 + 4 / 16) * differences.var(ddof=1))
    assert verdict.comparisons[2].p == pytest.approx(2 * stats.t.sf(abs(t), 4))
    assert verdict.comparisons[2].difference.mean == pytest.approx(-0.002)


def test_corrected_for_their_number(verdict):
    p = [one.p for one in verdict.comparisons.values()]
    assert verdict.comparisons[0].p_adjusted == pytest.approx(3 * min(p))


def test_errors_are_compared_above_0(of_folds, judged):
    evaluations = [of_folds(0, "a", [-2.0, -3.0, -2.5]), of_folds(1, "b", [-4.0, -6.0, -5.2])]
    error = replace(printed_metric("accuracy"), greater_is_better=False)
    comparison = judged(evaluations, metrics=[error]).comparisons[1]
    assert comparison.difference.mean == pytest.approx(7.7 / 3)
    assert comparison.effect < 0


def test_baselines(of_folds, judged, baselines):
    verdict = judged(
        [of_folds(0, "a", [0.8, 0.9]), of_folds(1, "b", [0.3, 0.29])], baselines=baselines
    )
    assert [*verdict.rivals] == ["constant prediction"]
    assert verdict.rivals["constant prediction"].difference.mean == pytest.approx(-0.55)
    assert names(verdict.no_better_than_constant) == ["b"]


def test_without_baselines_nothing_is_said_of_them(verdict):
    assert (verdict.rivals, verdict.no_better_than_constant) == ({}, [])


def test_by_definition_a_constant_has_an_r2_of_0(of_regression, judged_by_r2):
    verdict = judged_by_r2(
        [of_regression(0, "a", [0.8, 0.9]), of_regression(1, "b", [-0.1, 0.1])],
    )
    assert names(verdict.no_better_than_constant) == ["b"]
    assert verdict.below_constant == frozenset()  # not in every fold


def test_what_is_below_a_constant_in_every_fold_is_worse(of_regression, judged_by_r2):
    """The t test shows nothing of it, since its scores vary by thousands."""
    wild = [-100.0, -5e7, -1e4]
    verdict = judged_by_r2([of_regression(0, "a", [0.8, 0.9, 0.7]), of_regression(1, "b", wild)])
    assert verdict.comparisons[1].p > 0.3
    assert verdict.comparisons[1].verdict == "worse"
    assert names(verdict.tied) == ["a"]

    once_above = of_regression(1, "b", [0.1, *wild[1:]])
    verdict = judged_by_r2([of_regression(0, "a", [0.8, 0.9, 0.7]), once_above])
    assert names(verdict.tied) == ["a", "b"]

    poor_winner = of_regression(0, "a", [0.8, -0.1, 0.7])
    assert names(judged_by_r2([poor_winner, of_regression(1, "b", wild)]).tied) == ["a", "b"]


def test_the_folds_of_the_baseline_say_what_a_constant_reaches(of_folds, judged, baselines):
    """Here 25 and 35 %; two folds can show nothing by the test."""
    worse = of_folds(1, "b", [0.24, 0.3])
    verdict = judged([of_folds(0, "a", [0.8, 0.5]), worse], baselines=baselines)
    assert verdict.comparisons[1].p > 0.05
    assert names(verdict.tied) == ["a"]


def test_a_configuration_that_was_drawn_twice_counts_once(of_folds, judged):
    twice = [of_folds(number, "a", WINNER) for number in (0, 1)]
    other = of_folds(2, "b", shifted(0.01, -0.005, 0.0, 0.002, 0.003))
    verdict = judged([*twice, other])
    assert [one.candidate.number for one in verdict.distinct] == [0, 2]
    assert [one.candidate.number for one in verdict.tied] == [0, 2]
    assert len(verdict.ranked) == 3
    assert verdict.detectable == verdict.comparisons[2].detectable


def test_what_was_drawn_against_what_it_began_with(of_folds, judged):
    evaluations = [
        of_folds(0, "first", [0.5, 0.6, 0.7]),
        of_folds(1, "second", [0.4, 0.6, 0.7]),
        of_folds(2, "drawn", [0.6, 0.7, 0.81]),
    ]
    verdict = judged(evaluations, n_first=2)
    assert names([verdict.drawn.best_first, verdict.drawn.best]) == ["first", "drawn"]
    assert verdict.drawn.comparison.difference.mean == pytest.approx(0.31 / 3)
    assert judged(evaluations[:2], n_first=2).drawn is None
    assert judged(evaluations).drawn is None


def test_the_cost_tells_training_from_compiling(complete, judged):
    evaluation = complete(0, "a", 0.5, epoch_seconds=0.25, n_epochs=2)  # fits of 1 and 1 s
    cost = judged([replace(evaluation, folds=evaluation.folds[:1])]).cost
    assert (cost.n_fits, cost.training_seconds, cost.setup_seconds) == (1, 0.5, 0.5)
    assert cost.seconds == 75
    assert training_seconds(evaluation) == 0.5


def test_of_one_split_there_is_no_verdict(of_folds, judged):
    verdict = judged([of_folds(0, "a", [0.8]), of_folds(1, "b", [0.2])])
    assert verdict.comparisons[1].verdict == "no verdict"
    assert names(verdict.tied) == ["a", "b"]
    assert math.isnan(verdict.detectable)
