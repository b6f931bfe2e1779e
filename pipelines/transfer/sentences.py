"""What a comparison says, in sentences."""

from __future__ import annotations

import math

from pipelines.report.metric import PrintedMetric
from pipelines.statistics import Comparison
from pipelines.transfer.result import SizeResult, TransferResult

__all__ = ["answer", "findings", "number_words", "p_words"]


def answer(result: TransferResult) -> str:
    """The verdict over all sizes, in a sentence."""
    better = [size for size in result.sizes if size.best is not None]
    if not better:
        return (
            f"At no number of rows is a network that begins with {result.source} shown to be "
            f"better on {result.target} than a new one."
        )
    first, last = better[0], better[-1]
    gain = _gain(first, str(first.best), result.metric)
    if len(better) == len(result.sizes):
        reach = "At every number of rows"
    elif len(better) == 1:
        reach = f"With {first.n_rows:,} rows, and not shown with others,"
    else:
        reach = f"Between {first.n_rows:,} and {last.n_rows:,} rows"
    return (
        f"{reach} a network that begins with {result.source} is better on {result.target} than a "
        f"new one: with {first.n_rows:,} rows {gain}."
    )


def findings(result: TransferResult) -> list[str]:
    """A sentence for each number of rows, and what else is to be known."""
    n_taken = sum(record["taken"] > 0 for record in result.transferred)
    new = [record["weight"] for record in result.transferred if not record["taken"]]
    taken = f"The networks take {n_taken} of {len(result.transferred)} weight arrays"
    partly = [
        f"{record['weight']} ({record['how']})"
        for record in result.transferred
        if 0 < record["taken"] < 1
    ]
    if partly:
        taken += f", in part {', '.join(partly)}"
    return [
        *(_of_size(size, result.metric) for size in result.sizes),
        f"{taken}; new: {', '.join(new)}." if new else f"{taken}.",
        result.preprocessing,
    ]


def _of_size(size: SizeResult, metric: PrintedMetric) -> str:
    rows = f"{size.n_rows:,} rows"
    failed = [name for name, one in size.comparisons.items() if one.verdict == "fails"]
    worse = [name for name, one in size.comparisons.items() if one.verdict == "worse"]
    best = size.best
    if best is None:
        told = f"{rows}: no reused network is shown to be better"
    else:
        told = f"{rows}: {_gain(size, best, metric)}"
        n_reached, epochs, seconds = size.reach(best)
        if n_reached:
            told += (
                f"; as good as a new one in the end after {number_words(epochs.mean)} of "
                f"{size.epochs} epochs, {number_words(seconds.mean)} s"
            )
    for name in worse:
        told += f". Negative transfer: {_gain(size, name, metric)}"
    if failed:
        told += f". Not trained to the end: {', '.join(failed)}"
    return f"{told}."


def _gain(size: SizeResult, name: str, metric: PrintedMetric) -> str:
    ours, new = (arm.interval("validation").mean for arm in (size.arms[name], size.scratch))
    unit = f" {metric.unit}" if metric.unit == "%" else ""
    return (
        f"{name} has {metric.name} {metric.text(ours)}{unit} against {metric.text(new)}{unit} "
        f"({p_words(size.comparisons[name])})"
    )


def p_words(compared: Comparison) -> str:
    """The corrected p of a comparison."""
    if math.isnan(compared.p_adjusted):
        return "not tested"
    return "p < 0.001" if compared.p_adjusted < 0.001 else f"p = {compared.p_adjusted:.2g}"


def number_words(number: float) -> str:
    """A number above 0 in two digits, or whole from 10 on."""
    if math.isnan(number):
        return ""
    return f"{number:.0f}" if number >= 10 else f"{number:.2g}"
