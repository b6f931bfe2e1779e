"""What an ablation study found, in sentences."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from pipelines.ablation.result import Ablation, TechniqueWorth, gain_in_best
from pipelines.report.metric import PrintedMetric
from pipelines.report.sentences import difference_text, p_text, seconds_text, value_text
from pipelines.statistics import Comparison

__all__ = ["ablation_sentences", "change_text", "comparison_text", "gain_text", "seeds_text"]

_N_NAMED = 6
_SAVING = 0.1


def ablation_sentences(ablation: Ablation) -> list[str]:
    """What a reader in a hurry should know, a sentence or two each; the verdict first.

    Parameters
    ----------
    ablation : Ablation

    Returns
    -------
    list of str
    """
    return [*_sentences(ablation)]


def _sentences(ablation: Ablation) -> Iterator[str]:
    yield _headline(ablation)
    yield _scores(ablation)
    if not ablation.gain.n_failed:
        yield from _roles(ablation)
    if saved := _saving(ablation):
        yield saved
    if not ablation.gain.n_failed:
        yield _power(ablation)
    if not math.isnan(ablation.plain.training_seconds + ablation.best.training_seconds):
        yield _cost(ablation)
    broken = [one for one in ablation.networks.values() if one.reason]
    if broken:
        yield f"Not trained to the end: {_and([one.network.name for one in broken])}."


def _headline(ablation: Ablation) -> str:
    best, gain = ablation.plan.best, ablation.gain.verdict
    if gain == "fails":
        told = f"{best} was not trained to its end, while plain was"
        without = [w.change.name for w in ablation.worths if w.in_best.verdict == "fails"]
        if not without:
            return f"{told}."
        which = f"one of {_and(without)}" if len(without) > 1 else without[0]
        return f"{told}; where {which} is left out of it, it is."
    if ablation.gain.n_failed:
        return f"There is no verdict: neither plain nor {best} was trained to its end."
    plain = "plain"
    if ablation.gain.n_baseline_failed:
        plain = "plain, which was not trained to its end"
    by_gain = sorted(ablation.worths, key=lambda w: -gain_in_best(w, ablation.metric))
    carriers = [w.change.name for w in by_gain if w.carries]
    idle = [
        w.change.name
        for w in by_gain
        if w.in_best.verdict in ("no difference shown", "no verdict")
        and w.alone.verdict != "better"
    ]
    carry = f"{_and(carriers)} {'carry' if len(carriers) > 1 else 'carries'}"
    if gain == "better" and carriers:
        told = f"{carry} the gain of {best} over {plain}"
        told = told[0].upper() + told[1:]
    elif gain == "better":
        told = (
            f"{best} is better than {plain}, but no technique is missed where it alone is left out"
        )
    else:
        known = "is worse than plain" if gain == "worse" else "is not shown to be better than plain"
        told = f"{best} {known}" + (f"; {carry} what it reaches" if carriers else "")
    if 1 < len(idle) == len(ablation.worths):
        return f"{told}: none of the {len(idle)} is shown to matter."
    if idle:
        told += f"; {_and(idle)} {'are' if len(idle) > 1 else 'is'} not shown to matter"
    return f"{told}."


def _roles(ablation: Ablation) -> Iterator[str]:
    """Which techniques need others, which are made up for, and which are better left out."""
    best, worths = ablation.plan.best, ablation.worths
    needy = [w.change.name for w in worths if w.carries and w.alone.verdict in ("worse", "fails")]
    if needy:
        hurt, are = ("they hurt", "they are") if len(needy) > 1 else ("it hurts", "it is")
        yield (
            f"Only together with others: {_and(needy)}; added alone to plain {hurt}, and left out "
            f"of {best} {are} missed."
        )
    replaced = [
        w.change.name
        for w in worths
        if w.verdict == "better" and w.in_best.verdict == "no difference shown"
    ]
    if replaced:
        help_, them = ("they help", "them") if len(replaced) > 1 else ("it helps", "it")
        yield (
            f"Added alone {help_} plain, but in {best} the others make up for {them}: "
            f"{_and(replaced)}."
        )
    harmful = [w.change.name for w in worths if w.in_best.verdict == "worse"]
    if harmful:
        yield f"{best} is better without {_and(harmful)}."


def _scores(ablation: Ablation) -> str:
    metric = ablation.metric

    def told(name: str, score: float, held_out: float) -> str:
        percent = " %" if metric.unit == "%" else ""
        return (
            f"{name} {metric.text(score)}{percent} ({metric.text(held_out)}{percent} on the "
            f"{len(ablation.plan.test.X):,} rows held out)"
        )

    plain, best = ablation.plain, ablation.best
    without_score = [
        (name, one.reason)
        for name, one in ((ablation.plan.best, best), ("plain", plain))
        if math.isnan(one.score.mean)
    ]
    if without_score:
        (_, reason), *_ = without_score
        names = " and ".join(name for name, _ in without_score)
        return f"{names} {'have' if len(without_score) > 1 else 'has'} no score: {reason}"
    n_pairs = len(plain.values)
    failed = [
        f"{name} fails in {n} of {n_pairs} pairs"
        for name, n in (
            ("plain", ablation.gain.n_baseline_failed),
            (ablation.plan.best, ablation.gain.n_failed),
        )
        if n
    ]
    found = " and ".join(failed) if failed else comparison_text(ablation.gain, ablation)
    return (
        f"Validation {metric.title_before_scores}: {told('plain', plain.score.mean, plain.held_out.mean)}, "
        f"{told(ablation.plan.best, best.score.mean, best.held_out.mean)}: {found}."
    )


def comparison_text(comparison: Comparison, ablation: Ablation) -> str:
    """A difference with its interval and p, as far as it is known, or what failed.

    Parameters
    ----------
    comparison : Comparison
        Of a network with a technique to one without.
    ablation : Ablation

    Returns
    -------
    str
    """
    failed, without = comparison.n_failed, comparison.n_baseline_failed
    pairs = f"of {len(ablation.plain.values)} pairs"
    if failed and without:
        return f"fails with it in {failed} and without it in {without} {pairs}"
    if failed or without:
        return f"fails in {failed} {pairs}" if failed else f"fails without it in {without} {pairs}"
    told = difference_text(comparison.difference, ablation.metric)
    return told if math.isnan(comparison.p_adjusted) else f"{told}, {p_text(comparison.p_adjusted)}"


def gain_text(comparison: Comparison, metric: PrintedMetric) -> str:
    """A difference in a word: its mean, or what failed.

    Parameters
    ----------
    comparison : Comparison
        Of a network with a technique to one without.
    metric : PrintedMetric

    Returns
    -------
    str
    """
    if comparison.n_failed:
        return "both fail" if comparison.n_baseline_failed else "fails"
    if comparison.n_baseline_failed:
        return "fails without"
    return metric.text(comparison.difference.mean, signed=True)


def _saving(ablation: Ablation) -> str | None:
    """What may be left out for nothing, and saves the most of the training's time."""
    whole = ablation.best.training_seconds
    idle = [
        (1 - w.without.training_seconds / whole, w.change.name)
        for w in ablation.worths
        if w.in_best.verdict in ("no difference shown", "worse")
    ]
    saving, name = max(idle, default=(0.0, ""))
    if not saving > _SAVING:
        return None
    return f"Without {name}, which is not missed, training takes {100 * saving:.0f} % less time."


def _power(ablation: Ablation) -> str:
    found = [w.in_best.detectable for w in ablation.worths]
    found = [one for one in found if math.isfinite(one) and one > 0]  # 0 where nothing differs
    asked = f"{seeds_text(ablation)} of {ablation.plan.n_folds} folds"
    if not found:
        return f"{asked} are too few to say what difference would be seen: raise seeds or folds."
    metric = ablation.metric
    unit = f" {metric.difference_unit}" if metric.difference_unit else ""
    detectable = float(np.median(found))
    most = metric.within_bounds(detectable)
    if most < detectable:
        return (
            f"With {asked} not even a difference of {metric.text(most)}{unit} would be seen in 4 of "
            "5 cases: raise seeds or folds."
        )
    return (
        f"With {asked} a difference of {metric.text(detectable)}{unit} would be seen in 4 of 5 "
        "cases, a smaller one less often."
    )


def _cost(ablation: Ablation) -> str:
    plain, best = ablation.plain, ablation.best
    return (
        f"A fit of {ablation.plan.best} takes {seconds_text(best.training_seconds)} of training "
        f"({best.n_epochs:.0f} epochs of {seconds_text(best.epoch_seconds)}), one of plain "
        f"{seconds_text(plain.training_seconds)} ({plain.n_epochs:.0f} of "
        f"{seconds_text(plain.epoch_seconds)})."
    )


def seeds_text(ablation: Ablation) -> str:
    """How many seeds there are.

    Parameters
    ----------
    ablation : Ablation

    Returns
    -------
    str
    """
    n_seeds = len(ablation.plan.seeds)
    return "one seed" if n_seeds == 1 else f"{n_seeds} seeds"


def change_text(worth: TechniqueWorth) -> str:
    """The hyperparameters of a technique, as plain and best have them.

    Parameters
    ----------
    worth : TechniqueWorth

    Returns
    -------
    str
    """
    before, after = worth.change.before, worth.change.after
    return ", ".join(
        f"{name} {_value(after[name])} instead of {_value(before[name])}" for name in after
    )


def _value(value: object) -> str:
    if isinstance(value, dict):
        return " ".join(f"{key} {_value(item)}" for key, item in value.items()) or "none"
    if isinstance(value, list):
        return f"{len(value)} kinds"
    return value_text(value)


def _and(names: Sequence[str]) -> str:
    """Some names as a text: all, or the first of many.

    Examples
    --------
    >>> _and(["a", "b", "c"])
    'a, b and c'
    """
    shown = [*names[:_N_NAMED]]
    if len(names) > _N_NAMED:
        shown = [*names[: _N_NAMED - 1], f"{len(names) - _N_NAMED + 1} others"]
    *first, last = shown or [""]
    return f"{', '.join(first)} and {last}" if first else last
