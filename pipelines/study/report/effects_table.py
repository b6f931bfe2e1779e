"""What the levels of each factor do, in words."""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.report.sentences import VERDICT_MARKS, difference_ends, verdict_sentence
from pipelines.study import Effect, Metric, StudyResult

__all__ = ["EffectCell", "EffectRow", "effect_rows"]


@dataclass(frozen=True)
class EffectCell:
    """A difference with its verdict, in words; ``ends`` is its interval, empty where it has none."""

    verdict: str
    mark: str
    mean: str
    ends: str
    sentence: str

    @property
    def text(self) -> str:
        """The difference with its interval."""
        return f"{self.mean} {self.ends}".rstrip()


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
    return [
        EffectRow(
            one.factor,
            one.name,
            _cell(one, study.metric),
            {
                other.within: _cell(other, study.metric)
                for other in study.effects
                if (other.factor, other.level) == (one.factor, one.level)
                and other.within is not None
            },
        )
        for one in study.effects
        if one.within is None
    ]


def _cell(effect: Effect, metric: Metric) -> EffectCell:
    comparison = effect.comparison
    return EffectCell(
        comparison.verdict,
        VERDICT_MARKS[comparison.verdict],
        metric.text(comparison.difference.mean, signed=True),
        difference_ends(comparison.difference, metric),
        verdict_sentence(comparison, metric),
    )
