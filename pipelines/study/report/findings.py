"""The findings of a study, in sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import get_args

import numpy as np

from pipelines.report.sentences import difference_text
from pipelines.study import ClaimResult, Quantity, StudyResult, Support, reproduction_of

__all__ = ["findings"]

_MOST_NAMES = 20


def findings(study: StudyResult, claims: Sequence[ClaimResult] = ()) -> list[str]:
    """What a reader in a hurry should know, a sentence each."""
    baseline = study.baseline.label
    words = {
        "better": f"Better than {baseline}",
        "worse": f"Worse than {baseline}",
        "no difference shown": f"Not shown to differ from {baseline}",
        "fails": "Not trained to the end with every seed",
        "no verdict": "Without a verdict, for want of seeds",
    }
    verdicts = ((one.verdict, name) for name, one in study.comparisons.items())
    sentences = [*_effects(study), *_by_verdict(verdicts, words, _listed)]
    if study.n_far:
        sentences.append(_far_rows(study))
    if study.design.publications:
        sentences.append(_reproduced(study))
    if claims:
        sentences.append(_tried(claims))
    return sentences


def _effects(study: StudyResult) -> list[str]:
    words = {
        "better": "Better over all combinations",
        "worse": "Worse over all combinations",
        "no difference shown": "Not shown to matter over all combinations",
    }
    verdicts = (
        (
            one.comparison.verdict,
            f"{one.name} ({difference_text(one.comparison.difference, study.metric)})",
        )
        for one in study.effects
        if one.within is None
    )
    return _by_verdict(verdicts, words, "; ".join)


def _by_verdict(
    verdicts: Iterable[tuple[str, str]],
    words: Mapping[str, str],
    listed: Callable[[list[str]], str],
) -> list[str]:
    """A sentence a verdict, with what has it, from pairs of a verdict and a name."""
    names: dict[str, list[str]] = {}
    for verdict, name in verdicts:
        names.setdefault(verdict, []).append(name)
    return [
        f"{told}: {listed(names[verdict])}." for verdict, told in words.items() if verdict in names
    ]


def _listed(names: Sequence[str]) -> str:
    if len(names) > _MOST_NAMES:
        return f"{len(names)} combinations, in the table below"
    return "; ".join(names)


def _far_rows(study: StudyResult) -> str:
    told = (
        f"{study.n_far} validation rows lie {study.design.far_deviations:g} standard deviations or "
        f"more outside of the training rows, where a network's output is arbitrary. Verdicts leave them out"
    )
    if len(study.seeds) < 2:
        return f"{told}."
    quantities: tuple[Quantity, ...] = ("validation", "in_range")
    trained = [arm for arm in study.judged if not arm.n_failed]
    every, in_range = (
        np.nanmean([arm.values(quantity).std(ddof=1) for arm in trained]) for quantity in quantities
    )
    return (
        f"{told}: with them the {study.metric.name} varies between seeds by "
        f"{study.metric.text(every)} (standard deviation), without them by "
        f"{study.metric.text(in_range)}."
    )


def _reproduced(study: StudyResult) -> str:
    kinds: Counter[str] = Counter()
    for publication in study.design.publications:
        arm = study.arm(publication.arm, "as run") or study.arm(publication.arm, "as described")
        if arm is not None:
            figures = publication.output or publication.table
            reproduction = reproduction_of(arm, figures, "validation")
            kinds[reproduction.kind if reproduction else "off"] += 1
    told = ", ".join(
        f"{kinds[kind]} {words}"
        for kind, words in (
            ("reproduced", "reproduced"),
            ("within the spread", "within the spread of single runs"),
            ("off", "off"),
        )
        if kinds[kind]
    )
    return f"Of the {kinds.total()} validation figures of the notebook, run as it ran: {told}."


def _tried(claims: Sequence[ClaimResult]) -> str:
    counts = Counter(result.verdict.support for result in claims)
    told = ", ".join(f"{counts[kind]} {kind}" for kind in get_args(Support) if counts[kind])
    return f"Of {len(claims)} claims about the techniques: {told}."
