"""What the rows of a study are measured by."""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.data import Dataset

__all__ = ["Measure", "measure_for"]

# Decimal places of larger numbers tell nothing.
_LARGE = 1e4

# Of the target's variance, about what the published table's tolerance is of its own.
_TOLERATED_SHARE = 0.02


@dataclass(frozen=True)
class Measure:
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

    def metric(self, score: float) -> float:
        """The metric of a scorer's score, of which more is always better."""
        return score if self.greater_is_better else -score

    def text(self, value: float, *, signed: bool = False) -> str:
        """A value of the metric as it is printed, without the unit.

        Examples
        --------
        >>> Measure("accuracy", "%", 100, 2, "accuracy", "accuracy", 1, True, 0.005).text(0.8637)
        '86.37'
        """
        printed = self.factor * value
        form = f".{self.digits}f" if abs(printed) < _LARGE else ".3g"
        return f"{printed:{'+' if signed else ''}{form}}"


def measure_for(dataset: Dataset, *, target_deviation: float | None = None) -> Measure:
    """Return the measure of a data set.

    Parameters
    ----------
    dataset : Dataset
    target_deviation : float, default=None
        Standard deviation of the target on the training rows, where the network learns a
        standardized one; None where it learns it as it is.

    Returns
    -------
    Measure
    """
    if dataset.task == "classification":
        return Measure("accuracy", "%", 100, 2, "accuracy", "accuracy", 1.0, True, 0.005)
    is_published = dataset.name == "california_housing"
    return Measure(
        "mean squared error",
        "(100,000 $)²" if is_published else "target's unit squared",
        1,
        4,
        "neg_mean_squared_error",
        "loss",
        1.0 if target_deviation is None else target_deviation**2,
        False,
        0.03 if is_published else _TOLERATED_SHARE * float(dataset.y.var()),
    )
