"""The metric that a study compares its arms by."""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.data import Dataset

__all__ = ["Metric", "metric_for"]

# Decimal places of larger numbers tell nothing.
_LARGE = 1e4

_TOLERATED_ACCURACY = 0.005
_TOLERATED_SHARE_OF_VARIANCE = 0.02


@dataclass(frozen=True)
class Metric:
    """A metric as people read it, and where it is found.

    Attributes
    ----------
    name : str
        "accuracy" or "mean squared error".
    unit : str
        Unit of the printed figures.
    factor : float
        From the metric to the printed figures.
    digits : int
        Decimal places of the printed figures.
    scorer : str
        scikit-learn's scorer.
    curve : str
        The estimator's curve by epoch.
    curve_factor : float
        From the curve to the metric: a network that learns a standardized target has its loss in
        that target's unit.
    greater_is_better : bool
    tolerance : float
        How far, in the metric's unit, a published figure may be off and still count as
        reproduced; what differs by less than twice as much is of no account.
    """

    name: str
    unit: str
    factor: float
    digits: int
    scorer: str
    curve: str
    curve_factor: float
    greater_is_better: bool
    tolerance: float

    def value(self, score: float) -> float:
        """The metric of a scorer's score, of which more is always better."""
        return score if self.greater_is_better else -score

    def text(self, value: float, *, signed: bool = False) -> str:
        """A value of the metric as it is printed, without the unit.

        Examples
        --------
        >>> Metric("accuracy", "%", 100, 2, "accuracy", "accuracy", 1, True, 0.005).text(0.8637)
        '86.37'
        """
        printed = self.factor * value
        form = f".{self.digits}f" if abs(printed) < _LARGE else ".3g"
        return f"{printed:{'+' if signed else ''}{form}}"


def metric_for(
    dataset: Dataset,
    *,
    unit: str | None = None,
    tolerance: float | None = None,
    target_deviation: float | None = None,
) -> Metric:
    """Return the metric of a data set: accuracy, or mean squared error.

    Parameters
    ----------
    dataset : Dataset
    unit : str, default=None
        Of a mean squared error, where it has a name.
    tolerance : float, default=None
        In place of half a point of accuracy, or 2 % of the target's variance.
    target_deviation : float, default=None
        Standard deviation of the target on the training rows, where the network learns a
        standardized one; None where it learns it as it is.

    Returns
    -------
    Metric
    """
    if dataset.task == "classification":
        tolerance = _TOLERATED_ACCURACY if tolerance is None else tolerance
        return Metric("accuracy", "%", 100, 2, "accuracy", "accuracy", 1.0, True, tolerance)
    if tolerance is None:
        tolerance = _TOLERATED_SHARE_OF_VARIANCE * float(dataset.y.var())
    return Metric(
        name="mean squared error",
        unit=unit or "target's unit squared",
        factor=1,
        digits=4,
        scorer="neg_mean_squared_error",
        curve="loss",
        curve_factor=1.0 if target_deviation is None else target_deviation**2,
        greater_is_better=False,
        tolerance=tolerance,
    )
