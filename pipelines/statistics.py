"""Intervals, and paired comparisons with a baseline; scipy does the arithmetic.

The test is the paired t test. Arms share their seeds, or configurations their folds, so the
differences are what varies, and there are few of them: with five, the Wilcoxon signed-rank test
cannot fall below p = 0.0625 whatever the data, while the t test has no such floor. Its assumption,
differences that are near normal, cannot be checked on so few; a seed that falls out makes it miss
differences rather than invent them. Folds share training rows, so their differences are not
independent; Nadeau and Bengio's correction widens the variance by as much as that takes.
Comparisons with one baseline are corrected together by Holm's method, which holds however they
depend on each other.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special, stats

__all__ = [
    "LEVEL",
    "POWER",
    "Comparison",
    "Interval",
    "Verdict",
    "compare",
    "detectable_difference",
    "hedges_g",
    "mean_interval",
    "mean_test_ratio",
    "prediction_interval",
    "ratio_interval",
]

LEVEL = 0.05
POWER = 0.8

_LARGEST_EFFECT = 1000.0
_ROUNDING = 1e-12
_ALIKE = 1e-9  # of a mean, the width of an interval that is none
_NEGLIGIBLE = 1e-15  # of a probability
_N_DEVIATIONS = 4_001

Verdict = Literal["better", "worse", "no difference shown", "fails", "no verdict"]


class Interval(NamedTuple):
    """A mean with the ends of its interval; the ends are nan for fewer than two values."""

    mean: float
    low: float
    high: float

    def times(self, factor: float) -> Interval:
        """The interval in another unit; a negative factor swaps the ends."""
        return Interval(factor * self.mean, *sorted((factor * self.low, factor * self.high)))

    def holds(self, value: float) -> bool:
        """Whether a value is within the interval."""
        return self.low <= value <= self.high


def mean_interval(values: np.ndarray, *, test_ratio: float = 0.0) -> Interval:
    """Return the mean and its 95 % confidence interval by Student's t; nan is left out.

    Parameters
    ----------
    values : ndarray of shape (n_values,)
    test_ratio : float, default=0.0
        Rows that a fold is validated on over rows that it is trained on, where the values are of
        folds, which share rows; see :func:`compare`.

    Examples
    --------
    >>> [round(value, 3) for value in mean_interval(np.array([1.0, 2.0, 3.0]))]
    [2.0, -0.484, 4.484]
    """
    return _interval(values, lambda n: 1 / n + test_ratio)


def prediction_interval(values: np.ndarray) -> Interval:
    """Return the mean and the interval that holds one further run in 95 % of cases."""
    return _interval(values, lambda n: 1 + 1 / n)


def ratio_interval(ratios: np.ndarray) -> Interval:
    """Return the geometric mean of ratios above 0 and its 95 % confidence interval."""
    return Interval(*map(math.exp, mean_interval(np.log(ratios))))


def _interval(values: np.ndarray, variance_share: Callable[[int], float]) -> Interval:
    values = values[np.isfinite(values)]
    if values.size == 0:
        return Interval(math.nan, math.nan, math.nan)
    mean = float(values.mean())
    if values.size == 1:
        return Interval(mean, math.nan, math.nan)
    deviation = values.std(ddof=1) * math.sqrt(variance_share(values.size))
    margin = float(stats.t.ppf(1 - LEVEL / 2, values.size - 1) * deviation)
    return Interval(mean, mean - margin, mean + margin)


@dataclass(frozen=True)
class Comparison:
    """An arm against the baseline, paired by seed or fold.

    Attributes
    ----------
    verdict : {"better", "worse", "no difference shown", "fails", "no verdict"}
        "fails" where a seed diverged or failed, "no verdict" where there are fewer than two pairs.
    n_pairs : int
        Seeds in which both were trained to the end.
    n_failed, n_baseline_failed : int
        Seeds in which the arm was not, and in which the baseline was not.
    n_better : int
        Pairs in which the arm is strictly better.
    difference : Interval
        Arm minus baseline, with its own 95 % interval, not corrected.
    p, p_adjusted : float
        Of the two-sided paired t test, and after Holm's correction; nan where not tested.
    effect : float
        Hedges' g of the gains, above 0 where the arm is better: their mean over their standard
        deviation, corrected for the number of pairs.
    detectable : float
        The difference that would have been found in 80 % of such studies; nan where unknown.
    """

    verdict: Verdict
    n_pairs: int
    n_failed: int
    n_better: int
    difference: Interval
    p: float
    p_adjusted: float
    effect: float
    detectable: float
    n_baseline_failed: int = 0

    @property
    def is_by_signs(self) -> bool:
        """Whether all pairs differ by the same, so that p is that of their signs alone."""
        mean, low, high = self.difference
        return bool(mean) and high - low <= _ALIKE * abs(mean)


def compare(
    arms: Mapping[str, np.ndarray],
    baseline: np.ndarray,
    *,
    greater_is_better: bool,
    test_ratio: float = 0.0,
) -> dict[str, Comparison]:
    """Compare arms with a baseline, pair by pair, and correct for the number of comparisons.

    Parameters
    ----------
    arms : mapping of str to ndarray of shape (n_seeds,)
        A value a seed (or fold), in the same order everywhere; nan where the arm was not trained
        to the end.
    baseline : ndarray of shape (n_seeds,)
    greater_is_better : bool
    test_ratio : float, default=0.0
        0 for runs that are independent given their pairs, as seeds are. For folds, the number of
        rows that each is validated on over the number that it is trained on: the variance of the
        mean difference is then taken for 1 / n + test_ratio times that of the differences, the
        corrected resampled t test [1]_, for repeated cross-validation too [2]_.

    Returns
    -------
    dict of str to Comparison

    References
    ----------
    .. [1] C. Nadeau and Y. Bengio, "Inference for the Generalization Error", Machine Learning,
       52:239-281, 2003.
    .. [2] R. R. Bouckaert and E. Frank, "Evaluating the Replicability of Significance Tests for
       Comparing Learning Algorithms", PAKDD 2004.

    Examples
    --------
    >>> folds = {"a": np.array([0.91, 0.92, 0.93])}
    >>> reference = np.array([0.90, 0.90, 0.90])
    >>> for test_ratio in (0.0, 0.5):
    ...     print(round(compare(folds, reference, greater_is_better=True, test_ratio=test_ratio)["a"].p, 3))
    0.074
    0.16
    """
    differences = {name: values - baseline for name, values in arms.items()}
    paired = {name: values[np.isfinite(values)] for name, values in differences.items()}
    failed = {name: int(np.isnan(values).sum()) for name, values in arms.items()}
    tested = [name for name in arms if paired[name].size >= 2 and not failed[name]]
    p = {name: _paired_p(paired[name], test_ratio) for name in tested}
    adjusted = _holm(p)
    compared = {}
    for name, values in paired.items():
        gains = values if greater_is_better else -values
        verdict: Verdict = "no difference shown"
        if failed[name]:
            verdict = "fails"
        elif name not in p:
            verdict = "no verdict"
        elif adjusted[name] < LEVEL:
            verdict = "better" if gains.mean() > 0 else "worse"
        compared[name] = Comparison(
            verdict=verdict,
            n_pairs=values.size,
            n_failed=failed[name],
            n_better=int((gains > 0).sum()),
            difference=mean_interval(values, test_ratio=test_ratio),
            p=p.get(name, math.nan),
            p_adjusted=adjusted.get(name, math.nan),
            effect=hedges_g(gains),
            detectable=detectable_difference(
                values, n_comparisons=len(tested), test_ratio=test_ratio
            ),
            n_baseline_failed=int(np.isnan(baseline).sum()),
        )
    return compared


def _holm(p: Mapping[str, float]) -> dict[str, float]:
    adjusted: dict[str, float] = {}
    highest = 0.0
    for rank, name in enumerate(sorted(p, key=lambda name: p[name])):
        highest = max(highest, min(1.0, (len(p) - rank) * p[name]))
        adjusted[name] = highest
    return adjusted


def _paired_p(differences: np.ndarray, test_ratio: float) -> float:
    mean = differences.mean()
    if differences.std(ddof=1) <= _ROUNDING * abs(mean):  # then only their signs can be tested
        return 2.0 ** (1 - differences.size) if mean else 1.0
    n, deviation = differences.size, differences.std(ddof=1)
    t = mean / (deviation * math.sqrt(1 / n + test_ratio))
    return float(2 * stats.t.sf(abs(t), n - 1))


def hedges_g(differences: np.ndarray) -> float:
    """Return the standardized mean of paired differences, corrected for their small number.

    It is infinite where the differences are all the same but not 0, and nan for fewer than three.

    References
    ----------
    .. [1] L. V. Hedges, "Distribution Theory for Glass's Estimator of Effect Size and Related
       Estimators", Journal of Educational Statistics, 6:107-128, 1981.

    Examples
    --------
    >>> round(hedges_g(np.array([1.0, 2.0, 3.0])), 4)
    1.1284
    """
    if differences.size < 3:
        return math.nan
    mean, deviation = float(differences.mean()), float(differences.std(ddof=1))
    if not deviation:
        return math.copysign(math.inf, mean) if mean else 0.0
    half = (differences.size - 1) / 2
    correction = math.exp(special.gammaln(half) - special.gammaln(half - 0.5)) / math.sqrt(half)
    return mean / deviation * correction


def detectable_difference(
    differences: np.ndarray, *, n_comparisons: int, test_ratio: float = 0.0
) -> float:
    """Return the difference that a study of this size finds with 80 % power.

    The spread of the differences is taken for the true one, and the level is divided by the number
    of comparisons, as Holm's method does for the smallest p. For fewer than three differences it
    is nan. For ``test_ratio`` see :func:`compare`.
    """
    n = differences.size
    if n < 3 or not n_comparisons:
        return math.nan
    effect = _detectable_effect(n, LEVEL / n_comparisons) * math.sqrt(1 + n * test_ratio)
    return effect * float(differences.std(ddof=1))


@cache
def _detectable_effect(n: int, level: float) -> float:
    deviations, masses = _deviations(n - 1)
    return optimize.brentq(
        lambda effect: _power(effect, n, level, deviations, masses) - POWER, 0.0, _LARGEST_EFFECT
    )


def _power(
    effect: float, n: int, level: float, deviations: np.ndarray, masses: np.ndarray
) -> float:
    """Power of the two-sided paired t test at a standardized effect.

    It is the normal distribution's, averaged over what the estimate of the deviation can be.
    scipy's noncentral t, which statsmodels' solver relies on, is nan for some large effects.
    """
    bounds, shift = special.stdtrit(n - 1, 1 - level / 2) * deviations, effect * math.sqrt(n)
    return float(masses @ (special.ndtr(shift - bounds) + special.ndtr(-shift - bounds)))


def _deviations(freedom: int) -> tuple[np.ndarray, np.ndarray]:
    """Estimates of a deviation of 1 on a fine grid, and the probability around each."""
    low, high = special.chdtri(freedom, [1 - _NEGLIGIBLE, _NEGLIGIBLE])
    scaled = np.linspace(math.sqrt(low), math.sqrt(high), _N_DEVIATIONS)
    logs = special.xlogy(freedom - 1, scaled) - scaled**2 / 2
    masses = np.exp(logs - logs.max())
    masses[[0, -1]] /= 2
    return scaled / math.sqrt(freedom), masses / masses.sum()


def mean_test_ratio(splits: Iterable[tuple[NDArray[Any], NDArray[Any]]]) -> float:
    """Rows that a fold is validated on over those that it is trained on, the mean of the folds.

    Examples
    --------
    >>> rows = np.arange(9)
    >>> round(mean_test_ratio([(rows[:6], rows[6:])]), 2)
    0.5
    """
    return float(np.mean([len(validation) / len(train) for train, validation in splits]))
