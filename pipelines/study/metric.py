"""The metric that a study compares its arms by."""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.data import Dataset
from pipelines.report.metric import PrintedMetric

__all__ = ["Metric", "metric_for"]

_TOLERATED_ACCURACY = 0.005
_TOLERATED_SHARE_OF_VARIANCE = 0.02


@dataclass(frozen=True)
class Metric(PrintedMetric):
    """A metric as people read it, and where it is found in a study.

    Attributes
    ----------
    curve : str
        The estimator's curve by epoch.
    curve_factor : float
        From the curve to the metric: a network that learns a standardized target has its loss in
        that target's unit.
    tolerance : float
        How far, in the metric's unit, a published figure may be off and still count as
        reproduced; what differs by less than twice as much is of no account.
    """

    curve: str
    curve_factor: float
    tolerance: float


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
        return Metric("accuracy", "%", 100, 2, "accuracy", True, "accuracy", 1.0, tolerance)
    if tolerance is None:
        tolerance = _TOLERATED_SHARE_OF_VARIANCE * float(dataset.y.var())
    return Metric(
        name="mean squared error",
        unit=unit or "target's unit squared",
        factor=1,
        digits=4,
        scorer="neg_mean_squared_error",
        greater_is_better=False,
        curve="loss",
        curve_factor=1.0 if target_deviation is None else target_deviation**2,
        tolerance=tolerance,
    )
