from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from pipelines.statistics import compare
from pipelines.study import judge
from pipelines.study.claim_verdict import judged_by_study

BASE = np.array([0.70, 0.72, 0.71, 0.69, 0.73])
UP = BASE + np.array([0.05, 0.06, 0.05, 0.04, 0.05])


@pytest.mark.parametrize(
    ("expect", "verdict"), [("greater", "supported"), ("less", "contradicted")]
)
def test_greater_and_less(expect, verdict):
    found = judge({"a": UP}, BASE, expect=expect, margin=0.01)
    assert found.support == verdict
    assert found.p["a"] == pytest.approx(stats.ttest_rel(UP, BASE).pvalue)


def test_every_arm_must_do_what_is_claimed():
    noise = BASE + np.array([0.05, -0.05, 0.02, -0.02, 0.01])
    assert judge({"a": UP, "b": noise}, BASE, expect="greater", margin=0.01).support == "not shown"
    opposed = judge({"a": UP, "b": 2 * BASE - UP}, BASE, expect="greater", margin=0.01)
    assert opposed.support == "contradicted"
    assert dict(opposed.by_arm) == {"a": "supported", "b": "contradicted"}


def test_support_needs_no_correction_for_arms_and_contradiction_does():
    """A p between 0.01 and 0.05: enough where all arms must do it, too much where one of five may."""
    barely = BASE + np.array([0.05, 0.02, 0.01, 0.04, 0.01])
    p = stats.ttest_rel(barely, BASE).pvalue
    assert 0.01 < p < 0.05
    arms = {str(number): barely for number in range(5)}
    assert judge(arms, BASE, expect="greater", margin=0.01).support == "supported"
    assert judge(arms, BASE, expect="less", margin=0.01).support == "not shown"
    alone = judge({"a": barely}, BASE, expect="less", margin=0.01)
    assert (alone.support, alone.p["a"]) == ("contradicted", pytest.approx(p))


class TestEqual:
    """Two one-sided tests: without evidence there is no equality either."""

    def test_shown(self):
        near = BASE + np.array([0.001, -0.001, 0.002, -0.002, 0.0])
        assert judge({"a": near}, BASE, expect="equal", margin=0.01).support == "supported"

    def test_p_is_the_greater_of_the_two_one_sided(self):
        differences = np.array([0.004, -0.001, 0.006, -0.002, 0.003])
        found = judge({"a": BASE + differences}, BASE, expect="equal", margin=0.01)
        expected = max(
            stats.ttest_1samp(differences, -0.01, alternative="greater").pvalue,
            stats.ttest_1samp(differences, 0.01, alternative="less").pvalue,
        )
        assert found.p["a"] == pytest.approx(expected)

    def test_too_noisy_to_tell(self):
        noise = BASE + np.array([0.03, -0.03, 0.02, -0.02, 0.0])
        assert judge({"a": noise}, BASE, expect="equal", margin=0.01).support == "not shown"

    def test_a_difference_that_matters(self):
        assert judge({"a": UP}, BASE, expect="equal", margin=0.01).support == "contradicted"

    def test_a_sure_difference_that_does_not_matter(self):
        slightly = BASE + np.array([0.004, 0.005, 0.004, 0.005, 0.004])
        assert judge({"a": slightly}, BASE, expect="equal", margin=0.01).support == "supported"

    def test_the_same_in_every_seed(self):
        assert judge({"a": BASE}, BASE, expect="equal", margin=0.01).support == "supported"

    def test_one_seed(self):
        found = judge({"a": BASE[:1]}, BASE[:1], expect="equal", margin=0.01)
        assert found.support == "not shown"

    @pytest.mark.parametrize("side", ["arm", "reference"])
    def test_what_fails_in_a_seed_is_not_equal(self, side):
        missing = np.append(BASE, [np.nan, np.nan])
        near = np.append(BASE, [0.7, 0.7]) + 0.001
        arm, reference = (missing, near) if side == "arm" else (near, missing)
        assert judge({"a": arm}, reference, expect="equal", margin=0.01).support == "not shown"


class TestNoGain:
    def judge(self, differences):
        return judge({"a": BASE + np.array(differences)}, BASE, expect="no gain", margin=0.01)

    def test_p_is_that_of_the_one_side(self):
        differences = [0.004, -0.001, 0.006, -0.002, 0.003]
        expected = stats.ttest_1samp(differences, 0.01, alternative="less").pvalue
        assert self.judge(differences).p["a"] == pytest.approx(expected)

    def test_what_is_worse_is_no_gain(self):
        assert self.judge([-0.03, -0.05, -0.04, -0.03, -0.05]).support == "supported"

    def test_too_noisy_to_tell(self):
        assert self.judge([0.03, -0.03, 0.02, -0.02, 0.0]).support == "not shown"

    def test_a_gain_contradicts(self):
        assert self.judge([0.03, 0.05, 0.04, 0.03, 0.05]).support == "contradicted"

    def test_the_same_in_every_seed(self):
        assert self.judge([0.0] * 5).support == "supported"

    def test_one_seed(self):
        found = judge({"a": BASE[:1]}, BASE[:1], expect="no gain", margin=0.01)
        assert found.support == "not shown"

    def test_a_failure_of_the_arm_is_no_gain(self):
        assert self.judge([0.0, 0.001, np.nan, -0.001, 0.0]).support == "supported"
        assert self.judge([np.nan, np.nan, np.nan, np.nan, -0.03]).support == "not shown"

    def test_a_failure_of_the_reference_alone_is_a_gain(self):
        reference = np.append(BASE[:4], np.nan)
        found = judge({"a": BASE}, reference, expect="no gain", margin=0.01)
        assert found.support == "not shown"
        both = judge({"a": reference}, reference, expect="no gain", margin=0.01)
        assert both.support == "not shown"  # of four pairs alike p is 1 / 16
        assert judge({"a": UP}, reference, expect="no gain", margin=0.01).support == "contradicted"


class TestFailures:
    def judge(self, failed, of_reference, n=5):
        arm, reference = np.zeros(n), np.zeros(n)
        arm[:failed], reference[:of_reference] = 1, 1
        return judge({"a": arm}, reference, expect="less", margin=0, are_failures=True)

    def test_fishers_exact_test(self):
        """Five against none: 2 / (10 choose 5) = 2 / 252."""
        found = self.judge(0, 5)
        assert found.support == "supported"
        assert found.p["a"] == pytest.approx(2 / 252)

    def test_three_seeds_cannot_tell(self):
        found = self.judge(0, 3, n=3)
        assert (found.support, found.p["a"]) == ("not shown", pytest.approx(0.1))

    def test_the_opposite(self):
        assert self.judge(5, 0).support == "contradicted"

    def test_none_at_all(self):
        assert self.judge(0, 0).support == "not shown"


class TestChance:
    @pytest.mark.parametrize(
        ("values", "verdict"),
        [
            ([0.10, 0.09, 0.105], "supported"),
            ([0.02, 0.0, 0.01], "supported"),
            ([0.8, 0.7, 0.9], "contradicted"),
            ([0.8, 0.10, 0.9], "not shown"),
        ],
    )
    def test_against_a_constant(self, values, verdict):
        arms = {"a": np.array(values)}
        assert judge(arms, np.array([0.10]), expect="chance", margin=0.01).support == verdict


def test_missing_values_are_no_evidence():
    missing = np.array([0.75, np.nan, 0.76, 0.77, 0.75])
    assert judge({"a": missing}, BASE, expect="greater", margin=0).support == "not shown"


class TestByTheStudy:
    """Its comparisons decide, corrected for the number of all."""

    def judge(self, **arms):
        nothing = {f"b{i}": BASE + np.array([0.01, -0.01, 0.005, -0.005, 0.0]) for i in range(9)}
        comparisons = compare({**arms, **nothing}, BASE, greater_is_better=True)
        return comparisons, judged_by_study(comparisons, arms, BASE)

    def test_supported_and_contradicted(self):
        comparisons, found = self.judge(a=UP)
        assert (found.support, found.p["a"]) == ("supported", comparisons["a"].p_adjusted)
        assert found.values["a"] is UP
        _, found = self.judge(a=UP, b=2 * BASE - UP)
        assert found.support == "contradicted"
        assert dict(found.by_arm) == {"a": "supported", "b": "contradicted"}

    def test_what_the_study_does_not_show_is_not_shown(self):
        barely = BASE + np.array([0.05, 0.02, 0.01, 0.04, 0.01])
        assert judge({"a": barely}, BASE, expect="greater", margin=0).support == "supported"
        comparisons, found = self.judge(a=barely)
        assert comparisons["a"].verdict == "no difference shown"
        assert found.support == "not shown"

    def test_what_fails_is_not_shown(self):
        assert self.judge(a=np.append(UP[:4], np.nan))[1].support == "not shown"
