"""A metric as people read it: errors above 0, in a unit."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd

__all__ = ["PrintedMetric", "printed_metric"]

# Decimal places of larger numbers tell nothing.
_HUGE = 1e9
_LARGE = 1e4

_PERCENT = ("accuracy", "balanced_accuracy", "top_k_accuracy")
_NAMES = {
    "r2": "R²",
    "neg_root_mean_squared_error": "RMSE",
    "neg_mean_absolute_error": "MAE",
    "neg_median_absolute_error": "median absolute error",
    "neg_mean_squared_error": "MSE",
    "roc_auc": "ROC AUC",
    "f1": "F1",
}
# The power of the target's unit that an error has.
_POWERS = {
    "root_mean_squared_error": 1,
    "mean_absolute_error": 1,
    "median_absolute_error": 1,
    "max_error": 1,
    "mean_squared_error": 2,
}


@dataclass(frozen=True)
class PrintedMetric:
    """A metric as people read it, and the scorer that it comes from.

    Attributes
    ----------
    name : str
        "accuracy" or "RMSE".
    unit : str
        Unit of the printed figures; empty where they have none.
    factor : float
        From the metric to the printed figures.
    digits : int
        Decimal places of the printed figures.
    scorer : str
        scikit-learn's scorer.
    greater_is_better : bool
    """

    name: str
    unit: str
    factor: float
    digits: int
    scorer: str
    greater_is_better: bool

    @property
    def difference_unit(self) -> str:
        """Unit of a difference: that of two percentages is in points."""
        return "points" if self.unit == "%" else self.unit

    def value(self, score: float) -> float:
        """The metric of a scorer's score, of which more is always better."""
        return score if self.greater_is_better else -score

    def within_bounds(self, value: float) -> float:
        """The nearest value that the metric can have: a share is 0 to 1, an error not below 0."""
        if self.unit == "%":
            return min(max(value, 0.0), 1.0)
        return value if self.greater_is_better else max(value, 0.0)

    def text(self, value: float, *, signed: bool = False) -> str:
        """A value of the metric as it is printed, without the unit.

        Examples
        --------
        >>> PrintedMetric("accuracy", "%", 100, 2, "accuracy", True).text(0.8637)
        '86.37'
        >>> PrintedMetric("RMSE", "eur", 1, 2, "neg_root_mean_squared_error", False).text(48_123.456)
        '48,123'
        """
        printed = round(self.factor * value, self.digits) + 0.0  # no minus before a zero
        form = f".{self.digits}f"
        if abs(printed) >= _LARGE:
            form = ",.0f" if abs(printed) < _HUGE else ".3g"
        return f"{printed:{'+' if signed else ''}{form}}"

    def score_text(self, score: float) -> str:
        """A scorer's score as it is printed, with a per cent sign where it is a share.

        Examples
        --------
        >>> PrintedMetric("RMSE", "eur", 1, 2, "neg_root_mean_squared_error", False).score_text(-3)
        '3.00'
        """
        if math.isnan(score):
            return "-"
        return self.text(self.value(score)) + (" %" if self.unit == "%" else "")

    @property
    def title(self) -> str:
        """Name and unit.

        Examples
        --------
        >>> PrintedMetric("RMSE", "eur", 1, 2, "neg_root_mean_squared_error", False).title
        'RMSE in eur'
        """
        return f"{self.name} in {self.unit}" if self.unit else self.name

    @property
    def title_before_scores(self) -> str:
        """The title before scores that are printed by :meth:`score_text`, per cent sign included.

        Examples
        --------
        >>> PrintedMetric("accuracy", "%", 100, 2, "accuracy", True).title_before_scores
        'accuracy'
        """
        return self.name if self.unit == "%" else self.title


def printed_metric(scorer: str, target: pd.Series | None = None) -> PrintedMetric:
    """Say how the scores of a scorer are printed.

    Parameters
    ----------
    scorer : str
        Name of a scikit-learn scorer. Those that begin with ``neg_`` are errors below 0, and are
        printed above 0.
    target : Series, default=None
        Whose name is the unit of an error, and whose spread says how many digits it takes.

    Returns
    -------
    PrintedMetric

    Examples
    --------
    >>> price = pd.Series([100.0, 300.0], name="price")
    >>> metric = printed_metric("neg_root_mean_squared_error", price)
    >>> metric.title, metric.score_text(-41.23)
    ('RMSE in units of price', '41.2')
    >>> printed_metric("accuracy").score_text(0.98)
    '98.00 %'
    """
    is_error = scorer.startswith("neg_")
    plain = scorer.removeprefix("neg_")
    name = _NAMES.get(scorer, plain.replace("_", " "))
    if scorer in _PERCENT:
        return PrintedMetric(name, "%", 100, 2, scorer, True)
    unit, digits = "", 4
    power = _POWERS.get(plain, 0)
    if power and target is not None:
        unit = f"units of {target.name}" + (" squared" if power == 2 else "")
        spread = float(target.std()) ** power
        if spread > 0 and math.isfinite(spread):
            digits = min(max(3 - math.floor(math.log10(spread)), 0), 9)
    return PrintedMetric(name, unit, 1, digits, scorer, not is_error)
