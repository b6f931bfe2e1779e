"""The verdict on a search in sentences."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from pipelines.report.metric import PrintedMetric
from pipelines.report.sentences import count_text, difference_text, p_text, seconds_text
from pipelines.report.verdict import (
    Drawn,
    EnsembleResult,
    SearchVerdict,
    configuration_key,
    training_seconds,
)
from pipelines.search import BaselineResult, Evaluation
from pipelines.statistics import Comparison, Interval

__all__ = ["constant_caveat", "rival_sentence", "score_text", "verdict_sentences"]

_FEW_FOLDS = 3

_RIVALS = {
    "worse": "the network is better",
    "better": "the network is worse",
    "no difference shown": "no difference shown",
}


def verdict_sentences(verdict: SearchVerdict) -> list[str]:
    """What a reader in a hurry should know, a sentence or two each; the winner first.

    Parameters
    ----------
    verdict : SearchVerdict

    Returns
    -------
    list of str
    """
    return [*_sentences(verdict)]


def _sentences(verdict: SearchVerdict) -> Iterator[str]:
    yield _winner(verdict)
    if caveat := constant_caveat(verdict):
        yield caveat
    yield _tied(verdict)
    if len(verdict.tied) > 1:
        yield _choices(verdict)
    if verdict.ensemble:
        yield _ensemble(verdict, verdict.ensemble)
    if caveat := _choice_caveat(verdict):
        yield caveat
    for baseline in verdict.baselines:
        yield rival_sentence(verdict, baseline.name)
    if verdict.drawn:
        yield _drawn(verdict, verdict.drawn)
    elif verdict.n_first:
        yield from _one_sided(verdict, verdict.n_first)
    useless = [one for one in verdict.no_better_than_constant if one is not verdict.winner]
    if useless:
        names = count_text([one.candidate.name for one in useless])
        yield f"No better than a constant prediction: {names}."
    if verdict.n_unfinished:
        told = ", ".join(f"{n} {status}" for status, n in verdict.n_unfinished.items())
        yield f"Not finished: {told}."
    yield _cost(verdict)


def constant_caveat(verdict: SearchVerdict, who: str = "It") -> str | None:
    """That the winner may have learned nothing; None where it is better than a constant.

    Parameters
    ----------
    verdict : SearchVerdict
    who : str, default="It"
        What the winner is called.

    Returns
    -------
    str or None
        A sentence; it blames the network where another model is better than both in every fold.
    """
    rival = verdict.rivals.get("constant prediction")
    if any(one is verdict.winner for one in verdict.no_better_than_constant):
        told = "is no better than a constant prediction"
    elif (
        verdict.n_folds >= _FEW_FOLDS
        and rival
        and rival.verdict == "no difference shown"
        and not (rival.is_by_signs and not rival.n_better)  # ahead by the same in every fold
    ):
        told = "is not shown to be better than a constant prediction"
    else:
        return None
    if ahead := _ahead_in_every_fold(verdict):
        return (
            f"{who} {told}, while {_with_article(ahead.name)} has "
            f"{verdict.metric.score_text(float(ahead.validation[verdict.metric.scorer].mean()))} on "
            "the same folds, in each of them better than both: the data tell more than the network "
            "has learned, so change the network before anything is made of it."
        )
    return (
        f"{who} {told}: before anything is made of it, see what was found in the data, and repeat "
        "it with more folds."
    )


def _ahead_in_every_fold(verdict: SearchVerdict) -> BaselineResult | None:
    """The best model that is better than a constant and the winner in every fold, if one is."""
    scorer = verdict.metric.scorer
    winner = verdict.winner.scores(scorer, "validation")
    ahead = [
        one
        for one in verdict.baselines
        if one.validation
        and verdict.constant is not None
        and (one.validation[scorer] > np.maximum(winner, verdict.constant)).all()
    ]
    return max(ahead, key=lambda one: one.validation[scorer].mean(), default=None)


def _with_article(model: str) -> str:
    return model if model.startswith("gradient boosting") else f"a {model}"


def score_text(evaluation: Evaluation, metric: PrintedMetric) -> str:
    """A configuration's mean score with its deviation over the folds.

    Parameters
    ----------
    evaluation : Evaluation
    metric : PrintedMetric

    Returns
    -------
    str
    """
    mean = metric.value(evaluation.validation_mean(metric.scorer))
    deviation = evaluation.validation_std(metric.scorer)
    percent = " %" if metric.unit == "%" else ""
    return f"{metric.text(mean)}{percent} ± {metric.text(deviation)}"


def _winner(verdict: SearchVerdict) -> str:
    metric = verdict.metric
    folds = f"{verdict.n_folds} folds" if verdict.n_folds > 1 else "one split"
    told = (
        f"Take {verdict.winner.candidate.name}: validation {metric.name} "
        f"{score_text(verdict.winner, metric)} over {folds}"
    )
    if metric.scorer in verdict.test_scores:
        held_out = metric.score_text(verdict.test_scores[metric.scorer])
        told += f", {held_out} on the {verdict.n_test_rows:,} held-out rows"
    others = [
        f"{other.title_before_scores} {other.score_text(verdict.winner.validation_mean(scorer))} "
        f"({other.score_text(verdict.test_scores.get(scorer, math.nan))} held out)"
        for scorer, other in verdict.metrics.items()
        if other.unit and other is not metric
    ]
    return "; ".join([told, *others[:1]]) + "."


def _tied(verdict: SearchVerdict) -> str:
    n_others, n_tied = len(verdict.distinct) - 1, len(verdict.tied) - 1
    if not n_others:
        is_alone = len({configuration_key(one) for one in verdict.evaluations}) == 1
        why = "it was the only" if is_alone else "no other"
        told = f"There is nothing to compare it with: {why} configuration"
        return f"{told}." if is_alone else f"{told} came to its end."
    if verdict.n_folds < 2 and n_tied:
        which = f"the other {n_others}"
        which = which if n_tied == n_others else f"{n_tied} of {which}"
        return (
            f"Whether it is better than {which} cannot be said from one split; more folds would "
            "tell."
        )
    if n_others == 1:
        told = f"The other one is {'not ' if n_tied else ''}shown to be worse"
    elif n_tied == n_others:
        told = f"None of the other {n_others} is shown to be worse"
    elif n_tied:
        told = f"Of the other {n_others}, {n_tied} {'is' if n_tied == 1 else 'are'} not shown to be worse"
    else:
        told = f"Each of the other {n_others} is shown to be worse"
    if not math.isfinite(verdict.detectable) or not n_tied:
        return f"{told}."
    least = verdict.metric.text(verdict.detectable)
    if least == verdict.metric.text(0.0):  # they are alike in every fold
        return f"{told}."
    unit = f" {verdict.metric.difference_unit}" if verdict.metric.difference_unit else ""
    scorer = verdict.metric.scorer
    spread = abs(
        verdict.winner.validation_mean(scorer) - verdict.ranked[-1].validation_mean(scorer)
    )
    if verdict.detectable > spread:
        most = verdict.metric.within_bounds(verdict.detectable)
        seen = f"{least}{unit} would be seen in 4 of 5 cases"
        if most < verdict.detectable:
            seen = f"not even {verdict.metric.text(most)}{unit} would be seen in 4 of 5 cases"
        return (
            f"{told}, which {verdict.n_folds} folds could hardly have done: the differences are up "
            f"to {verdict.metric.text(spread)}{unit}, and {seen}."
        )
    return (
        f"{told}: with {verdict.n_folds} folds a difference of {least}{unit} would be seen in "
        "4 of 5 cases, a smaller one less often."
    )


def _choices(verdict: SearchVerdict) -> str:
    simplest, fastest = verdict.simplest, verdict.fastest
    lightest = f"{simplest.folds[0].n_weights:,} weights"
    soonest = f"{seconds_text(training_seconds(fastest))} of training"
    if len({one.folds[0].n_weights for one in verdict.tied}) == 1:
        mine = "the winner" if fastest is verdict.winner else _told(verdict, fastest)
        return f"The fastest among these is {mine}, with {soonest}."
    if simplest is fastest:
        mine = "the winner" if simplest is verdict.winner else _told(verdict, simplest)
        return f"The simplest and fastest among these is {mine}, with {lightest} and {soonest}."
    first, second = (
        "the winner" if one is verdict.winner else _told(verdict, one)
        for one in (simplest, fastest)
    )
    return (
        f"The simplest among these is {first}, with {lightest}; the fastest {second}, "
        f"with {soonest}."
    )


def _told(verdict: SearchVerdict, evaluation: Evaluation) -> str:
    return f"{evaluation.candidate.name} ({score_text(evaluation, verdict.metric)})"


def _ensemble(verdict: SearchVerdict, ensemble: EnsembleResult) -> str:
    metric, result = verdict.metric, ensemble.challenge
    among = (
        f"the best {ensemble.n_configurations} configurations"
        if ensemble.n_configurations > 1
        else "the winner's configuration"
    )
    difference = Interval(result.challenger - result.champion, result.low, result.high)
    shown = (
        "which is better"
        if result.shown_better
        else "which is worse"
        if result.shown_worse
        else "which is not shown to be better"
    )
    return (
        f"The mean of {ensemble.n_members} networks of {among} has "
        f"{metric.score_text(result.challenger)} on the held-out rows, where the winner alone has "
        f"{metric.score_text(result.champion)}, {shown}: "
        f"{difference_text(difference.times(metric.value(1.0)), metric)}."
    )


def _choice_caveat(verdict: SearchVerdict) -> str | None:
    """That the scores that chose the winner flatter it; None where nothing was chosen."""
    n_configurations = _n_configurations(verdict.evaluations)
    if n_configurations < 2:
        return None
    folds = "these folds" if verdict.n_folds > 1 else "this split"
    told = (
        f"The winner was chosen from {n_configurations} configurations on {folds}, so that its "
        "score and its lead there are optimistic"
    )
    if verdict.metric.scorer in verdict.test_scores:
        told += "; the held-out rows chose nothing, and judge it without bias"
    return f"{told}."


def _n_configurations(evaluations: Sequence[Evaluation]) -> int:
    """How many configurations were scored, each once, those pruned among them."""
    scored = [one for one in evaluations if one.folds or one.status == "pruned"]
    return len({configuration_key(one) for one in scored})


def rival_sentence(verdict: SearchVerdict, name: str) -> str:
    """How a baseline compares with the winner.

    Parameters
    ----------
    verdict : SearchVerdict
    name : str
        Of the baseline.

    Returns
    -------
    str
    """
    (baseline,) = (one for one in verdict.baselines if one.name == name)
    heading = f"Against {_with_article(name)}"
    if baseline.reason is not None:
        return f"{heading}: {baseline.reason}."
    metric = verdict.metric
    mean = metric.score_text(float(baseline.validation[metric.scorer].mean()))
    comparison = verdict.rivals[name]
    gain = _gain_text(comparison, metric)
    test = metric.score_text(baseline.test[metric.scorer])
    return f"{heading} ({mean}, held out {test}): {gain}."


def _gain_text(comparison: Comparison, metric: PrintedMetric) -> str:
    """What the winner has more than an arm, and whether that is shown."""
    difference = difference_text(comparison.difference.times(-1), metric)
    if comparison.verdict == "no verdict":
        return difference
    if comparison.verdict == "no difference shown" and comparison.is_by_signs:
        return (
            f"{difference}, the same in each of the {comparison.n_pairs} folds, which are too few "
            f"for their signs to tell, {p_text(comparison.p_adjusted)}"
        )
    return f"{_RIVALS[comparison.verdict]}, {difference}, {p_text(comparison.p_adjusted)}"


def _one_sided(verdict: SearchVerdict, n_first: int) -> Iterator[str]:
    """That of what was drawn, or of what the search began with, nothing came to its end."""
    drawn = [one for one in verdict.evaluations if one.candidate.number >= n_first]
    if not drawn:
        return
    if any(one.folds for one in drawn):
        yield "Nothing of what the search began with came to its end."
    else:
        yield (
            f"None of the {len(drawn)} trials that were drawn came to its end: nothing that was "
            "drawn beat what the search began with."
        )


def _drawn(verdict: SearchVerdict, drawn: Drawn) -> str:
    n_first = verdict.n_first or 0
    drawn_ones = [one for one in verdict.evaluations if one.candidate.number >= n_first]
    begun = [one for one in verdict.evaluations if one.candidate.number < n_first]
    n_drawn, n_begun = _n_configurations(drawn_ones), _n_configurations(begun)
    what = f"The best of {n_drawn} that were drawn" if n_drawn > 1 else "The one that was drawn"
    other = f"the best of the {n_begun}" if n_begun > 1 else "the one"
    best, first = (_told(verdict, one) for one in (drawn.best, drawn.best_first))
    told = {"better": "is better than", "worse": "is worse than"}.get(
        drawn.comparison.verdict, "is not shown to differ from"
    )
    return (
        f"{what}, {best}, {told} {other} that the search began with, {first}: "
        f"{difference_text(drawn.comparison.difference, verdict.metric)}."
    )


def _cost(verdict: SearchVerdict) -> str:
    cost = verdict.cost
    told = (
        f"It took {seconds_text(cost.seconds)}: {cost.n_fits} fits with "
        f"{seconds_text(cost.training_seconds)} of training and {seconds_text(cost.setup_seconds)} "
        "of compiling and preprocessing"
    )
    if cost.baseline_seconds:
        told += f"; the models to compare with took {seconds_text(cost.baseline_seconds)} more"
    return f"{told}."
