"""Worked examples of textbooks and of the libraries' documentation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.power import TTestPower

from pipelines.statistics import (
    compare,
    detectable_difference,
    hedges_g,
    mean_interval,
    mean_test_ratio,
    prediction_interval,
    ratio_interval,
)

# Student 1908: hours of sleep gained with two drugs by the same ten people; R's `sleep`.
DRUG_1 = np.array([0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0])
DRUG_2 = np.array([1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4])


class TestOneComparison:
    def test_students_sleep(self):
        """R: t.test(extra ~ group, data = sleep, paired = TRUE)."""
        (comparison,) = compare({"1": DRUG_1}, DRUG_2, greater_is_better=True).values()
        assert comparison.p == pytest.approx(0.002833, abs=5e-7)
        assert comparison.difference.mean == pytest.approx(-1.58)
        assert comparison.difference.low == pytest.approx(-2.4598858, abs=5e-8)
        assert comparison.difference.high == pytest.approx(-0.7001142, abs=5e-8)
        assert comparison.verdict == "worse"
        assert (comparison.n_pairs, comparison.n_better, comparison.n_failed) == (10, 0, 0)

    def test_the_direction_of_good(self):
        (comparison,) = compare({"1": DRUG_1}, DRUG_2, greater_is_better=False).values()
        assert comparison.verdict == "better"
        assert comparison.difference.mean == pytest.approx(-1.58)
        assert comparison.effect > 0
        assert comparison.n_better == 9  # one person slept as long with either

    def test_no_difference_is_said_with_what_could_have_been_seen(self):
        values = np.array([0.1, -0.1, 0.05, -0.05, 0.02])
        (comparison,) = compare({"a": values}, np.zeros(5), greater_is_better=True).values()
        assert comparison.verdict == "no difference shown"
        # 1.682: effect that n = 5, alpha = 0.05, power = 0.8 give; deviation 0.0786
        assert comparison.detectable == pytest.approx(1.682 * values.std(ddof=1), rel=1e-3)

    def test_pairing_finds_what_the_spread_between_seeds_hides(self):
        baseline = np.array([0.5, 0.7, 0.9, 0.6, 0.8])
        row = baseline + np.array([0.010, 0.011, 0.009, 0.012, 0.008])
        (comparison,) = compare({"a": row}, baseline, greater_is_better=True).values()
        assert comparison.verdict == "better"


class TestSeveral:
    def test_holm(self):
        """Holm's correction by hand: p sorted times m, m - 1, ..., never falling."""
        rng = np.random.default_rng(0)
        baseline = np.zeros(6)
        rows = {str(shift): shift + rng.normal(size=6) for shift in (0.0, 1.0, 2.0, 4.0)}
        compared = compare(rows, baseline, greater_is_better=True)
        expected, highest = {}, 0.0
        ordered = sorted(compared, key=lambda name: compared[name].p)
        for rank, name in enumerate(ordered):
            highest = max(highest, min(1.0, (4 - rank) * compared[name].p))
            expected[name] = highest
        assert {name: one.p_adjusted for name, one in compared.items()} == pytest.approx(expected)

    def test_a_small_p_among_many_is_not_enough(self):
        differences = np.array([1.0, 2.0, 0.2, 1.5, 0.9])
        alone = compare({"a": differences}, np.zeros(5), greater_is_better=True)["a"]
        nothing = {f"b{i}": np.array([1.0, -1.0, 0.5, -0.5, 0.1]) for i in range(9)}
        among = compare({"a": differences, **nothing}, np.zeros(5), greater_is_better=True)["a"]
        assert alone.p == among.p < 0.05
        assert (alone.verdict, among.verdict) == ("better", "no difference shown")
        assert among.detectable > alone.detectable


class TestDegenerate:
    def test_one_seed_has_no_verdict(self):
        (comparison,) = compare(
            {"a": np.array([0.9])}, np.array([0.1]), greater_is_better=True
        ).values()
        assert comparison.verdict == "no verdict"
        assert math.isnan(comparison.p)
        assert comparison.difference.mean == pytest.approx(0.8)

    def test_a_failed_seed_fails_the_row_and_is_no_comparison(self):
        rows = {"a": np.array([0.9, np.nan, 0.9]), "b": np.array([0.9, 0.8, 0.95])}
        compared = compare(rows, np.array([0.1, 0.2, 0.1]), greater_is_better=True)
        assert compared["a"].verdict == "fails"
        assert (compared["a"].n_failed, compared["a"].n_pairs) == (1, 2)
        assert math.isnan(compared["a"].p_adjusted)
        assert compared["b"].p_adjusted == compared["b"].p

    def test_where_the_baseline_failed_there_is_no_pair(self):
        compared = compare(
            {"a": np.array([1.0, 2.0, 3.0])}, np.array([0.0, np.nan, 0.0]), greater_is_better=True
        )["a"]
        assert compared.n_pairs == 2
        assert compared.difference.mean == pytest.approx(2.0)
        nothing = compare({"a": np.ones(3)}, np.full(3, np.nan), greater_is_better=True)["a"]
        assert nothing.verdict == "no verdict"

    @pytest.mark.parametrize(
        ("shift", "verdict", "p"),
        [(0.0, "no difference shown", 1.0), (0.25, "no difference shown", 0.25)],
    )
    def test_the_same_difference_in_every_seed(self, shift, verdict, p):
        """Three signs that agree come by chance in one of four cases."""
        baseline = np.array([0.5, 0.25, 0.75])
        compared = compare({"a": baseline + shift}, baseline, greater_is_better=True)["a"]
        assert (compared.verdict, compared.p) == (verdict, p)
        assert compared.is_by_signs == (shift != 0)

    def test_signs_are_not_asked_where_a_single_pair_differs_otherwise(self):
        differences = np.array([0.25, 0.25, 0.25 + 1e-6])
        assert not compare({"a": differences}, np.zeros(3), greater_is_better=True)["a"].is_by_signs

    def test_it_holds_its_level_on_folds(self):
        """Means of folds that share most of what decides them differ by chance in 5 %."""
        rng = np.random.default_rng(0)
        found = []
        for _ in range(1000):
            rows = rng.normal(size=(10, 30))
            own, rest = rows.mean(axis=1), (rows.sum() - rows.sum(axis=1)) / 270
            compared = compare({"a": own}, rest, greater_is_better=True, test_ratio=1 / 9)["a"]
            found.append(compared.p < 0.05)
        assert np.mean(found) < 0.06

    def test_no_rows(self):
        assert compare({}, np.ones(3), greater_is_better=True) == {}


class TestEffect:
    def test_small_sample_correction_is_hedges(self):
        """The exact factor; 1 - 3 / (4 m - 1) is the textbook's approximation of it."""
        differences = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
        d = 3.0 / differences.std(ddof=1)
        assert hedges_g(differences) == pytest.approx(d * (1 - 3 / (4 * 4 - 1)), rel=3e-3)
        # sqrt(2 / 4) gamma(2) / gamma(1.5) = 0.797885
        assert hedges_g(differences) / d == pytest.approx(0.797885, abs=1e-6)

    def test_degenerate(self):
        assert math.isnan(hedges_g(np.array([1.0, 2.0])))
        assert hedges_g(np.zeros(4)) == 0.0
        assert hedges_g(np.full(4, -2.0)) == -math.inf


class TestDetectable:
    @pytest.mark.parametrize("n", [5, 10, 30])
    def test_it_is_what_the_library_solves(self, n):
        differences = np.tile([1.0, -1.0], n)[:n]
        expected = TTestPower().solve_power(nobs=n, alpha=0.05, power=0.8)
        found = detectable_difference(differences, n_comparisons=1)
        assert found / differences.std(ddof=1) == pytest.approx(expected, rel=1e-4)

    def test_it_holds_in_simulation(self):
        rng = np.random.default_rng(1)
        unit = np.array([1.0, -1.0, 0.5, -0.5, 0.0])
        unit /= unit.std(ddof=1)
        shift = detectable_difference(unit, n_comparisons=1)
        shifted = rng.normal(shift, 1.0, size=(20_000, 5))
        found = stats.ttest_1samp(shifted, 0.0, axis=1).pvalue < 0.05
        assert found.mean() == pytest.approx(0.8, abs=0.01)

    def test_unknown_for_two(self):
        assert math.isnan(detectable_difference(np.array([1.0, 2.0]), n_comparisons=1))


class TestIntervals:
    def test_of_the_mean(self):
        # t(0.975, 4) = 2.776445, deviation sqrt(2.5)
        interval = mean_interval(np.array([1.0, 2.0, 3.0, 4.0, 5.0]))
        margin = 2.776445 * math.sqrt(2.5 / 5)
        assert interval == pytest.approx((3.0, 3 - margin, 3 + margin), rel=1e-6)
        assert interval.holds(1.04)
        assert not interval.holds(1.03)

    def test_of_one_further_value(self):
        interval = prediction_interval(np.array([1.0, 2.0, 3.0, 4.0, 5.0]))
        assert interval.high - 3 == pytest.approx(2.776445 * math.sqrt(2.5 * 1.2), rel=1e-6)

    def test_one_value_and_none(self):
        assert mean_interval(np.array([2.0, np.nan]))[0] == 2.0
        assert math.isnan(mean_interval(np.array([2.0]))[1])
        assert math.isnan(mean_interval(np.array([np.nan]))[0])

    def test_ratios_are_averaged_as_ratios(self):
        assert ratio_interval(np.array([0.5, 2.0])).mean == pytest.approx(1.0)

    def test_another_unit(self):
        assert mean_interval(np.array([1.0, 3.0])).times(-1).mean == -2.0
        low, high = mean_interval(np.array([1.0, 3.0])).times(-1)[1:]
        assert low < high


def test_mean_test_ratio():
    rows = np.arange(10)
    assert mean_test_ratio([(rows[:5], rows[5:]), (rows[:8], rows[8:])]) == pytest.approx(0.625)
