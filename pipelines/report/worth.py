"""What each technique is worth on a table, from the configurations of a search."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from pipelines.report.metric import PrintedMetric
from pipelines.report.sentences import difference_text, p_text, value_text
from pipelines.search import Evaluation
from pipelines.statistics import Comparison, Interval, compare

__all__ = ["Effect", "Worth", "effect_label", "effect_sentence", "importance_sentence", "worth_of"]

# Of a hyperparameter with more values no two configurations need be alike in all else.
_MOST_VALUES = 12
_MOST_TOGETHER = 3  # a preset, which sets all at once, says nothing of one of them


@dataclass(frozen=True)
class Effect:
    """A value of a hyperparameter against another one, in configurations alike in all else.

    Attributes
    ----------
    name : str
        Of the hyperparameter.
    value, reference : str
        As they are printed.
    together : mapping of str to str
        What else is not alike, where there are no configurations that are: value by
        hyperparameter.
    n_pairs : int
        Pairs of configurations.
    comparison : Comparison
        Of their means over the pairs, fold by fold, corrected for the number of effects.
    hyperparameters : mapping of str to object
        The values themselves, of the hyperparameter and of what else is not alike.
    """

    name: str
    value: str
    reference: str
    together: Mapping[str, str]
    n_pairs: int
    comparison: Comparison
    hyperparameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Worth:
    """What the hyperparameters of a search are worth.

    Attributes
    ----------
    metric : PrintedMetric
    effects : tuple of Effect
        Of matched pairs, the greatest gain first.
    importances : mapping of str to Interval
        Share of the variance of the score between drawn trials that each hyperparameter explains,
        the largest first; empty where nothing was drawn.
    n_drawn : int
        Complete trials behind the importances.
    not_varied : mapping of str to str
        Values of the hyperparameters that all configurations share.
    without_pairs : tuple of str
        Hyperparameters that vary, but of which neither effects nor importances are known.
    """

    metric: PrintedMetric
    effects: tuple[Effect, ...]
    importances: Mapping[str, Interval] = field(default_factory=dict)
    n_drawn: int = 0
    not_varied: Mapping[str, str] = field(default_factory=dict)
    without_pairs: tuple[str, ...] = ()


def worth_of(
    evaluations: Sequence[Evaluation],
    metric: PrintedMetric,
    *,
    test_ratio: float,
    importances: Mapping[str, Interval] | None = None,
) -> Worth:
    """Estimate what each hyperparameter that varies is worth.

    Every value of a hyperparameter is compared with the most frequent one, in pairs of
    configurations that differ in nothing else; where there are none, in pairs that differ in as
    little else as possible, at most three others, which is said.

    Parameters
    ----------
    evaluations : sequence of Evaluation
    metric : PrintedMetric
    test_ratio : float
        See :func:`pipelines.statistics.compare`.
    importances : mapping of str to Interval, default=None
        Of drawn trials; see :func:`pipelines.optuna_search.importances`.

    Returns
    -------
    Worth
    """
    complete = [one for one in evaluations if one.folds]
    settings = [one.candidate.hyperparameters for one in complete]
    values = {
        name: Counter(value_text(setting[name]) for setting in settings) for name in settings[0]
    }
    varied = {name: counts for name, counts in values.items() if len(counts) > 1}
    contrasts = _contrasts(settings, varied, only_matched=bool(importances))
    gains: dict[str, np.ndarray] = {}
    for number, contrast in enumerate(contrasts):
        gains[str(number)] = np.mean(
            [
                metric.value(1.0)
                * (
                    complete[mine].scores(metric.scorer, "validation")
                    - complete[other].scores(metric.scorer, "validation")
                )
                for mine, other in contrast.pairs
            ],
            axis=0,
        )
    n_folds = len(complete[0].folds)
    compared = compare(
        gains,
        np.zeros(n_folds),
        greater_is_better=metric.greater_is_better,
        test_ratio=test_ratio,
    )
    effects = [
        Effect(
            name=contrast.name,
            value=contrast.value,
            reference=contrast.reference,
            together={
                name: value_text(settings[contrast.pairs[0][0]][name]) for name in contrast.together
            },
            n_pairs=len(contrast.pairs),
            comparison=compared[str(number)],
            hyperparameters={
                name: settings[contrast.pairs[0][0]][name]
                for name in (contrast.name, *contrast.together)
            },
        )
        for number, contrast in enumerate(contrasts)
    ]
    effects.sort(key=lambda effect: -metric.value(effect.comparison.difference.mean))
    known = {effect.name for effect in effects} | {*(importances or {})}
    known |= {name for effect in effects for name in effect.together}
    return Worth(
        metric=metric,
        effects=tuple(effects),
        importances=importances or {},
        n_drawn=len(complete),
        not_varied={name: next(iter(values[name])) for name in values if name not in varied},
        without_pairs=tuple(name for name in varied if name not in known),
    )


@dataclass(frozen=True)
class _Contrast:
    name: str
    value: str
    reference: str
    together: tuple[str, ...]
    pairs: tuple[tuple[int, int], ...]


def _contrasts(
    settings: Sequence[Mapping[str, Any]],
    varied: Mapping[str, Counter[str]],
    *,
    only_matched: bool,
) -> list[_Contrast]:
    """All values against the most frequent one of their hyperparameter, each pair told once."""
    printed = [{name: value_text(setting[name]) for name in varied} for setting in settings]
    found = [*_all_contrasts(printed, varied)]
    matched = [one for one in found if not one.together]
    told = {pair for one in matched for pair in one.pairs}
    mixed = []
    for one in [] if only_matched else found:
        if 0 < len(one.together) <= _MOST_TOGETHER and not told.intersection(one.pairs):
            mixed.append(one)
            told.update(one.pairs)
    return matched + mixed


def _all_contrasts(
    printed: Sequence[Mapping[str, str]], varied: Mapping[str, Counter[str]]
) -> Iterator[_Contrast]:
    for name, counts in varied.items():
        reference = counts.most_common(1)[0][0]
        if len(counts) > _MOST_VALUES:
            continue
        for value in counts:
            if value == reference:
                continue
            mine = [n for n, setting in enumerate(printed) if setting[name] == value]
            others = [n for n, setting in enumerate(printed) if setting[name] == reference]
            pairs = [
                (_differing(printed[one], printed[other]) - {name}, (one, other))
                for one, other in itertools.product(mine, others)
            ]
            fewest = min(len(together) for together, _ in pairs)
            nearest = [(together, pair) for together, pair in pairs if len(together) == fewest]
            together = nearest[0][0]
            yield _Contrast(
                name=name,
                value=value,
                reference=reference,
                together=tuple(sorted(together)),
                pairs=tuple(pair for other, pair in nearest if other == together),
            )


def _differing(one: Mapping[str, str], other: Mapping[str, str]) -> set[str]:
    return {name for name in one if one[name] != other[name]}


def effect_label(effect: Effect) -> str:
    """A short name of an effect.

    Parameters
    ----------
    effect : Effect

    Returns
    -------
    str
    """
    also = "".join(f", {value}" for value in effect.together.values())
    return f"{effect.name}: {effect.value}{also} instead of {effect.reference}"


def effect_sentence(effect: Effect, metric: PrintedMetric) -> str:
    """An effect with its evidence.

    Parameters
    ----------
    effect : Effect
    metric : PrintedMetric

    Returns
    -------
    str
    """
    also = " and ".join(f"{name} {value}" for name, value in effect.together.items())
    what = f"{effect.name} {effect.value} instead of {effect.reference}"
    if also:
        what += f" (together with {also})"
    comparison = effect.comparison
    verdict = {"better": "helps", "worse": "hurts"}.get(comparison.verdict, comparison.verdict)
    pairs = "one pair" if effect.n_pairs == 1 else f"{effect.n_pairs} pairs"
    told = f"{what}: {verdict}, {difference_text(comparison.difference, metric)}"
    evidence = "" if comparison.verdict == "no verdict" else f", {p_text(comparison.p_adjusted)}"
    return f"{told}{evidence} ({pairs} of configurations)."


def importance_sentence(name: str, share: Interval) -> str:
    """How much of the score's variance a hyperparameter explains.

    Parameters
    ----------
    name : str
    share : Interval
        Between 0 and 1.

    Returns
    -------
    str

    Examples
    --------
    >>> importance_sentence("learning_rate", Interval(0.5, 0.25, 0.75))
    'learning_rate explains 50 % [25, 75] of the variance of the score between trials.'
    """
    mean, low, high = (100 * value for value in share)
    return f"{name} explains {mean:.0f} % [{low:.0f}, {high:.0f}] of the variance of the score between trials."
