"""Whether evidence supports a claim."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import stats
from statsmodels.stats.weightstats import ttost_paired

from pipelines.statistics import LEVEL, Comparison, compare

__all__ = ["ClaimVerdict", "Support", "judge", "judged_by_study"]

Support = Literal["supported", "contradicted", "not shown"]


@dataclass(frozen=True)
class ClaimVerdict:
    """A verdict on a claim, with what it rests on.

    Attributes
    ----------
    support : {"supported", "contradicted", "not shown"}
        Supported where every arm does what is claimed, contradicted where one does the opposite.
    by_arm : mapping of str to {"supported", "contradicted", "not shown"}
    values : mapping of str to ndarray of shape (n_seeds,)
        What was measured, by arm.
    reference : ndarray of shape (n_seeds,)
        The same of the reference.
    p : mapping of str to float
        Of the test that decided, by arm; nan where nothing was tested.
    """

    support: Support
    by_arm: Mapping[str, Support]
    values: Mapping[str, np.ndarray]
    reference: np.ndarray
    p: Mapping[str, float]


def judge(
    arms: Mapping[str, np.ndarray],
    reference: np.ndarray,
    *,
    expect: Literal["greater", "less", "equal", "no gain", "chance"],
    margin: float,
    are_failures: bool = False,
) -> ClaimVerdict:
    """Judge a claim about arms and a reference.

    "greater" and "less" are tested by the paired t test; failures, which are counts, by Fisher's
    exact test. "equal" is tested by two one-sided paired t tests against the margin: it takes
    evidence to show that there is no difference, and where a seed failed on either side there is
    none: it is not shown. "no gain" takes the one of them that shows that there is none upwards, and
    is contradicted by a gain that is shown. A seed in which the arm failed is no gain, so that the
    others may support the claim; one in which the reference failed and the arm did not is a gain
    that no difference tells, so that they may not. "chance" is supported by an arm that is nowhere
    above the constant by more than the margin, and contradicted by one that is so in every seed.

    A claim is supported where every arm does what is claimed, which needs no correction for the
    number of arms, for one that does not is enough to leave it unshown. It is contradicted where
    any arm does the opposite, and that is corrected.

    Parameters
    ----------
    arms : mapping of str to ndarray of shape (n_seeds,)
        nan where there is no value.
    reference : ndarray of shape (n_seeds,)
    expect : {"greater", "less", "equal", "no gain", "chance"}
    margin : float
        A difference that does not matter.
    are_failures : bool, default=False
        Whether the values are 1 for a failure and 0 for none.

    Returns
    -------
    ClaimVerdict
    """
    comparisons = compare(arms, reference, greater_is_better=expect != "less")
    supports: dict[str, Support] = {}
    p: dict[str, float] = {}
    for name, values in arms.items():
        comparison = comparisons[name]
        p[name] = comparison.p
        if expect == "chance":
            p[name] = math.nan
            supports[name] = _at_chance(values - reference, margin)
        elif are_failures:
            supports[name], p[name] = _fewer_failures(values, reference, len(arms))
        elif expect == "no gain":
            supports[name], p[name] = _no_gain(values, reference, margin, comparison)
        elif expect == "equal":
            supports[name], p[name] = _equal(values, reference, margin, comparison)
        else:
            supports[name] = _expected(comparison, 1 if expect == "greater" else -1)
    return ClaimVerdict(_together(supports), supports, dict(arms), reference, p)


def judged_by_study(
    comparisons: Mapping[str, Comparison],
    arms: Mapping[str, np.ndarray],
    reference: np.ndarray,
) -> ClaimVerdict:
    """Take over a study's comparisons, by arm, for the claim that arms beat its baseline.

    They are corrected for the number of all comparisons of the study.
    """
    words: dict[str, Support] = {"better": "supported", "worse": "contradicted"}
    by_arm = {name: words.get(comparisons[name].verdict, "not shown") for name in arms}
    p = {name: comparisons[name].p_adjusted for name in arms}
    return ClaimVerdict(_together(by_arm), by_arm, dict(arms), reference, p)


def _together(supports: Mapping[str, Support]) -> Support:
    verdicts = set(supports.values())
    if "contradicted" in verdicts:
        return "contradicted"
    return "supported" if verdicts == {"supported"} else "not shown"


def _expected(comparison: Comparison, sign: int) -> Support:
    if comparison.p < LEVEL and sign * comparison.difference.mean > 0:
        return "supported"
    return "contradicted" if comparison.verdict == "worse" else "not shown"


def _at_chance(above: np.ndarray, margin: float) -> Support:
    if (above <= margin).all():
        return "supported"
    return "contradicted" if (above > margin).all() else "not shown"


def _fewer_failures(
    values: np.ndarray, reference: np.ndarray, n_arms: int
) -> tuple[Support, float]:
    failed, of_reference = int(values.sum()), int(reference.sum())
    table = [[failed, values.size - failed], [of_reference, reference.size - of_reference]]
    p = float(stats.fisher_exact(table).pvalue)
    if failed < of_reference:
        return ("supported" if p < LEVEL else "not shown"), p
    return ("contradicted" if n_arms * p < LEVEL else "not shown"), p


def _no_gain(
    values: np.ndarray, reference: np.ndarray, margin: float, comparison: Comparison
) -> tuple[Support, float]:
    differences = values - reference
    differences = differences[np.isfinite(differences)]
    if differences.size < 2:
        return "not shown", math.nan
    is_saved = np.isfinite(values) & ~np.isfinite(reference)
    if differences.std():
        p = float(stats.ttest_1samp(differences, margin, alternative="less").pvalue)
    else:
        p = 0.5**differences.size if differences[0] < margin else 1.0
    if p < LEVEL and not is_saved.any():
        return "supported", p
    return ("contradicted" if comparison.verdict == "better" else "not shown"), p


def _equal(
    values: np.ndarray, reference: np.ndarray, margin: float, comparison: Comparison
) -> tuple[Support, float]:
    differences = values - reference
    if differences.size < 2 or not np.isfinite(differences).all():
        return "not shown", math.nan
    if not differences.std():
        # Without a spread only the signs can be tested.
        p = 0.5**differences.size if abs(differences[0]) < margin else 1.0
    else:
        p = float(ttost_paired(differences, np.zeros_like(differences), -margin, margin)[0])
    if p < LEVEL:
        return "supported", p
    different = comparison.verdict in ("better", "worse")
    beyond = different and abs(comparison.difference.mean) > margin
    return ("contradicted" if beyond else "not shown"), p
