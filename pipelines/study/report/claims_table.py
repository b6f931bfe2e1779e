"""The claims of the text in words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipelines.report.sentences import p_text
from pipelines.study import ClaimResult, Metric, Support

__all__ = ["ClaimRow", "claim_rows"]

_MARKS: dict[Support, str] = {"supported": "✓", "contradicted": "✕", "not shown": "○"}

_WHAT = {
    "score": "validation {name} in {unit}",
    "gap": "training minus validation {name} in {unit}",
    "seconds": "time of an epoch, reference = 1",
    "epochs": "epochs until as good as the reference in the end",
    "dead": "share of dead units",
    "drift": "distance of the hidden activations from mean 0 and deviation 1",
    "failed": "seeds that diverged",
}


@dataclass(frozen=True)
class ClaimRow:
    """A claim, its verdict and the evidence, in words."""

    text: str
    verdict: Support
    mark: str
    measured: str
    evidence: str


def claim_rows(claims: Sequence[ClaimResult]) -> list[ClaimRow]:
    """Put claims into words, in their order."""
    return [_row(claim) for claim in claims]


def _row(result: ClaimResult) -> ClaimRow:
    claim, verdict = result.claim, result.verdict
    metric = next(iter(result.arms.values())).metric
    unit = "points" if claim.quantity == "gap" and metric.unit == "%" else metric.unit
    told = [
        f"{label} {_value(claim.quantity, values, verdict.reference, metric)}{_p(verdict.p[label])}"
        for label, values in verdict.values.items()
    ]
    reference = _value(claim.quantity, verdict.reference, verdict.reference, metric)
    against = result.arms[claim.reference].label if claim.reference else "a constant prediction"
    measured = _WHAT[claim.quantity].format(name=metric.name, unit=unit)
    return ClaimRow(
        text=claim.text,
        verdict=verdict.support,
        mark=_MARKS[verdict.support],
        measured=f"{measured}, as judged above" if result.is_of_study else measured,
        evidence=f"{'; '.join(told)}; against {against} {reference}",
    )


def _p(p: float) -> str:
    return "" if math.isnan(p) else f" ({p_text(p)})"


def _value(quantity: str, values: np.ndarray, reference: np.ndarray, metric: Metric) -> str:
    known = values[np.isfinite(values)]
    n_missing = values.size - known.size
    if quantity == "failed":
        return f"{int(values.sum())} of {values.size}"
    if not known.size:
        return "never" if quantity == "epochs" else "diverged"
    mean = float(known.mean())
    missing = f" ({known.size} of {values.size} seeds)" if n_missing else ""
    if quantity == "seconds":
        return f"{math.exp(float(np.nanmean(values - reference))):.2f}{missing}"
    if quantity == "epochs":
        return f"{mean:.1f}{missing}"
    if quantity == "dead":
        return f"{100 * mean:.1f} %{missing}"
    if quantity == "drift":
        return f"{mean:.2f}{missing}"
    sign = 1 if quantity == "gap" or metric.greater_is_better else -1
    return f"{metric.text(sign * mean, signed=quantity == 'gap')}{missing}"
