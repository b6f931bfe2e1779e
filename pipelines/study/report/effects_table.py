"""What the levels of each factor do, in words."""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.report.sentences import VERDICT_MARKS, difference_text, verdict_sentence
from pipelines.study import Effect, Metric, StudyResult

__all__ = ["EffectCell", "EffectRow", "effect_rows", "effect_sentences"]


@dataclass(frozen=True)
class EffectCell:
    """A difference with its verdict, in words."""

    verdict: str
    mark: str
    text: str
    sentence: str


@dataclass(frozen=True)
class EffectRow:
    """A level of a factor.

    Attributes
    ----------
    factor, name : str
    overall : EffectCell
        Over all combinations.
    within : dict of str to EffectCell
        By the level of the first factor.
    """

    factor: str
    name: str
    overall: EffectCell
    within: dict[str, EffectCell]


def effect_rows(study: StudyResult) -> list[EffectRow]:
    """The levels in words, factor by factor."""
    cells = {(one.factor, one.level, one.within): _cell(one, study.metric) for one in study.effects}
    return [
        EffectRow(
            one.factor,
            _name(one),
            cells[one.factor, one.level, None],
            {
                within: cell
                for (factor, level, within), cell in cells.items()
                if (factor, level) == (one.factor, one.level) and within is not None
            },
        )
        for one in study.effects
        if one.within is None
    ]


def effect_sentences(study: StudyResult) -> list[str]:
    """What the levels do over all combinations, a sentence a verdict."""
    by_verdict: dict[str, list[str]] = {}
    for one in study.effects:
        if one.within is None:
            difference = difference_text(one.comparison.difference, study.metric)
            told = f"{_name(one)} ({difference})"
            by_verdict.setdefault(one.comparison.verdict, []).append(told)
    words = {
        "better": "Better over all combinations",
        "worse": "Worse over all combinations",
        "no difference shown": "Not shown to matter over all combinations",
    }
    return [
        f"{told}: {'; '.join(by_verdict[verdict])}."
        for verdict, told in words.items()
        if verdict in by_verdict
    ]


def _name(effect: Effect) -> str:
    return f"{effect.level} instead of {effect.reference}".replace("_", " ")


def _cell(effect: Effect, metric: Metric) -> EffectCell:
    verdict = effect.comparison.verdict
    return EffectCell(
        verdict,
        VERDICT_MARKS[verdict],
        difference_text(effect.comparison.difference, metric, shows_unit=False),
        verdict_sentence(effect.comparison, metric),
    )
