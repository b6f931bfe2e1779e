"""Intervals and paired comparisons with verdicts; scipy and statsmodels do the arithmetic."""

from pipelines.statistics.comparison import (
    POWER,
    Comparison,
    Verdict,
    compare,
    detectable_difference,
    hedges_g,
)
from pipelines.statistics.interval import (
    LEVEL,
    Interval,
    mean_interval,
    prediction_interval,
    ratio_interval,
)

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
    "prediction_interval",
    "ratio_interval",
]
