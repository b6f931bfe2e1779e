"""What a comparison of reused networks with new ones gives, at each number of rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from pipelines.statistics import Comparison, Interval, compare, mean_interval
from pipelines.study.metric import Metric
from pipelines.study.result import ArmResult
from pipelines.transfer.arms import SCRATCH

__all__ = ["SizeResult", "TransferResult", "verdict_words"]


@dataclass(frozen=True)
class SizeResult:
    """The arms at one number of training rows.

    Attributes
    ----------
    n_rows : int
    epochs : int
    arms : mapping of str to ArmResult
        By name; "scratch" is among them.
    """

    n_rows: int
    epochs: int
    arms: Mapping[str, ArmResult]

    @property
    def scratch(self) -> ArmResult:
        """What the others are compared with."""
        return self.arms[SCRATCH.name]

    @property
    def reused(self) -> dict[str, ArmResult]:
        """The others, by name."""
        return {name: arm for name, arm in self.arms.items() if name != SCRATCH.name}

    @cached_property
    def comparisons(self) -> dict[str, Comparison]:
        """Each reused network against a new one, seed by seed, corrected for their number."""
        return compare(
            {name: arm.values("validation") for name, arm in self.reused.items()},
            self.scratch.values("validation"),
            greater_is_better=self.scratch.metric.greater_is_better,
        )

    def reach(self, name: str) -> tuple[int, Interval, Interval]:
        """How soon an arm is as good as a new network is in the end.

        Returns
        -------
        n_reached : int
            Seeds in which it ever is.
        epochs, seconds : Interval
            Over these seeds; seconds are epochs times the median epoch.
        """
        arm = self.arms[name]
        epochs = arm.epochs_to(self.scratch)
        seconds = epochs * arm.values("epoch_seconds")
        return int(np.isfinite(epochs).sum()), mean_interval(epochs), mean_interval(seconds)

    @property
    def best(self) -> str | None:
        """Name of the reused arm with the best mean among those that are shown to be better."""
        sign = 1 if self.scratch.metric.greater_is_better else -1
        better = [name for name, one in self.comparisons.items() if one.verdict == "better"]
        return max(
            better,
            key=lambda name: sign * self.arms[name].interval("validation").mean,
            default=None,
        )


@dataclass(frozen=True)
class TransferResult:
    """A comparison at growing numbers of training rows.

    Attributes
    ----------
    target, source : str
        Names, for people.
    metric : Metric
    sizes : tuple of SizeResult
        From few rows to many.
    preprocessing : str
        Where the preprocessing of the reused networks comes from, in a sentence.
    transferred : sequence of mapping
        What the networks took; see ``transferred_`` of the estimators.
    facts : mapping of str to object
        How it was run.
    """

    target: str
    source: str
    metric: Metric
    sizes: tuple[SizeResult, ...]
    preprocessing: str
    transferred: Sequence[Mapping[str, Any]]
    facts: Mapping[str, Any]

    @property
    def names(self) -> list[str]:
        """Names of the arms."""
        return [*self.sizes[0].arms]

    def table(self) -> pd.DataFrame:
        """A row for each number of rows and arm; the metric as people read it."""
        return pd.DataFrame(
            [_table_row(size, name, self.metric) for size in self.sizes for name in size.arms]
        )


def _table_row(size: SizeResult, name: str, metric: Metric) -> dict[str, Any]:
    arm, compared = size.arms[name], size.comparisons.get(name)
    score = arm.interval("validation").times(metric.factor)
    n_reached, epochs, seconds = size.reach(name)
    row = {
        "n_rows": size.n_rows,
        "arm": name,
        metric.name: score.mean,
        "low": score.low,
        "high": score.high,
        "epochs": size.epochs,
        "fit_seconds": arm.interval("fit_seconds").mean,
        "n_reached": n_reached,
        "epochs_to_scratch": epochs.mean,
        "seconds_to_scratch": seconds.mean,
    }
    if compared is not None:
        row |= {
            "difference": metric.factor * compared.difference.mean,
            "p_adjusted": compared.p_adjusted,
            "verdict": verdict_words(compared),
        }
    return row


def verdict_words(compared: Comparison) -> str:
    """A verdict, in the words of transfer learning where it is worse."""
    return "negative transfer" if compared.verdict == "worse" else compared.verdict
