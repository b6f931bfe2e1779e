from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from pipelines.techniques import judge

BASE = np.array([0.70, 0.72, 0.71, 0.69, 0.73])
UP = BASE + np.array([0.05, 0.06, 0.05, 0.04, 0.05])


@pytest.mark.parametrize(
    ("expect", "verdict"), [("greater", "supported"), ("less", "contradicted")]
)
def test_greater_and_less(expect, verdict):
    judgement = judge({"a": UP}, BASE, expect=expect, margin=0.01)
    assert judgement.verdict == verdict
    assert judgement.p["a"] == pytest.approx(stats.ttest_rel(UP, BASE).pvalue)


def test_every_arm_must_do_what_is_claimed():
    noise = BASE + np.array([0.05, -0.05, 0.02, -0.02, 0.01])
    assert judge({"a": UP, "b": noise}, BASE, expect="greater", margin=0.01).verdict == "not shown"
    opposed = judge({"a": UP, "b": 2 * BASE - UP}, BASE, expect="greater", margin=0.01)
    assert opposed.verdict == "contradicted"
    assert dict(opposed.by_arm) == {"a": "supported", "b": "contradicted"}


def test_support_needs_no_correction_for_arms_and_contradiction_does():
    """A p between 0.01 and 0.05: enough where all arms must do it, too much where one of five may."""
    barely = BASE + np.array([0.05, 0.02, 0.01, 0.04, 0.01])
    p = stats.ttest_rel(barely, BASE).pvalue
    assert 0.01 < p < 0.05
    arms = {str(number): barely for number in range(5)}
    assert judge(arms, BASE, expect="greater", margin=0.01).verdict == "supported"
    assert judge(arms, BASE, expect="less", margin=0.01).verdict == "not shown"
    alone = judge({"a": barely}, BASE, expect="less", margin=0.01)
    assert (alone.verdict, alone.p["a"]) == ("contradicted", pytest.approx(p))


class TestEqual:
    """Two one-sided tests: without evidence there is no equality either."""

    def test_shown(self):
        near = BASE + np.array([0.001, -0.001, 0.002, -0.002, 0.0])
        assert judge({"a": near}, BASE, expect="equal", margin=0.01).verdict == "supported"

    def test_p_is_the_greater_of_the_two_one_sided(self):
        differences = np.array([0.004, -0.001, 0.006, -0.002, 0.003])
        judgement = judge({"a": BASE + differences}, BASE, expect="equal", margin=0.01)
        expected = max(
            stats.ttest_1samp(differences, -0.01, alternative="greater").pvalue,
            stats.ttest_1samp(differences, 0.01, alternative="less").pvalue,
        )
        assert judgement.p["a"] == pytest.approx(expected)

    def test_too_noisy_to_tell(self):
        noise = BASE + np.array([0.03, -0.03, 0.02, -0.02, 0.0])
        assert judge({"a": noise}, BASE, expect="equal", margin=0.01).verdict == "not shown"

    def test_a_difference_that_matters(self):
        assert judge({"a": UP}, BASE, expect="equal", margin=0.01).verdict == "contradicted"

    def test_a_sure_difference_that_does_not_matter(self):
        slightly = BASE + np.array([0.004, 0.005, 0.004, 0.005, 0.004])
        assert judge({"a": slightly}, BASE, expect="equal", margin=0.01).verdict == "supported"

    def test_the_same_in_every_seed(self):
        assert judge({"a": BASE}, BASE, expect="equal", margin=0.01).verdict == "supported"

    def test_one_seed(self):
        judgement = judge({"a": BASE[:1]}, BASE[:1], expect="equal", margin=0.01)
        assert judgement.verdict == "not shown"


class TestFailures:
    def judge(self, failed, of_reference, n=5):
        arm, reference = np.zeros(n), np.zeros(n)
        arm[:failed], reference[:of_reference] = 1, 1
        return judge({"a": arm}, reference, expect="less", margin=0, are_failures=True)

    def test_fishers_exact_test(self):
        """Five against none: 2 / (10 choose 5) = 2 / 252."""
        judgement = self.judge(0, 5)
        assert judgement.verdict == "supported"
        assert judgement.p["a"] == pytest.approx(2 / 252)

    def test_three_seeds_cannot_tell(self):
        judgement = self.judge(0, 3, n=3)
        assert (judgement.verdict, judgement.p["a"]) == ("not shown", pytest.approx(0.1))

    def test_the_opposite(self):
        assert self.judge(5, 0).verdict == "contradicted"

    def test_none_at_all(self):
        assert self.judge(0, 0).verdict == "not shown"


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
        assert judge(arms, np.array([0.10]), expect="chance", margin=0.01).verdict == verdict


def test_missing_values_are_no_evidence():
    missing = np.array([0.75, np.nan, 0.76, 0.77, 0.75])
    assert judge({"a": missing}, BASE, expect="greater", margin=0).verdict == "not shown"
