"""Why some configurations of a search are poor."""

from __future__ import annotations

from estimators import Finding
from pipelines.report.sentences import count_text
from pipelines.report.verdict import SearchVerdict
from pipelines.report.verdict_sentences import score_text
from pipelines.search import Evaluation

__all__ = ["cause_sentences"]

_DEVIATIONS = 3


def cause_sentences(verdict: SearchVerdict) -> list[str]:
    """Say of the poor configurations why they are, a sentence or two a cause.

    Poor are those that are shown to be worse than the winner, are behind it by more than three of
    its deviations over the folds (few folds can hardly show anything), are no better than a
    constant, or have diverged. Where the linear model is shown to be better than the winner, all
    are poor, and so are those that are behind it by more than three of its deviations: the winner
    itself may be poor. A score that reads like the one it is behind is not. Told are the causes that
    a diagnosis has found in them.

    Parameters
    ----------
    verdict : SearchVerdict

    Returns
    -------
    list of str
        The cause of the worst one first.
    """
    poor = [one for one in verdict.evaluations if one.status == "diverged"]
    poor += [one for one in verdict.distinct[::-1] if _is_poor(one, verdict)]
    by_cause: dict[str, list[tuple[Evaluation, Finding]]] = {}
    for evaluation in poor:
        for finding in evaluation.findings:
            by_cause.setdefault(finding.cause, []).append((evaluation, finding))
    return [_sentence(found, verdict) for found in by_cause.values()]


def _is_poor(evaluation: Evaluation, verdict: SearchVerdict) -> bool:
    if not verdict.is_tied(evaluation):
        return True
    if any(evaluation is one for one in verdict.no_better_than_constant):
        return True
    linear = verdict.rivals.get("linear model")
    if linear is not None and linear.verdict == "better":  # than the winner, and so than all
        return True
    scorer = verdict.metric.scorer
    references = [verdict.winner.scores(scorer, "validation")]
    references += [
        one.validation[scorer]
        for one in verdict.baselines
        if one.name == "linear model" and one.validation
    ]
    mean, text = evaluation.validation_mean(scorer), verdict.metric.score_text
    return verdict.n_folds > 1 and any(
        bool(one.mean() - mean > _DEVIATIONS * one.std()) and text(float(one.mean())) != text(mean)
        for one in references
    )


def _sentence(found: list[tuple[Evaluation, Finding]], verdict: SearchVerdict) -> str:
    first, finding = found[0]
    scored = score_text(first, verdict.metric) if first.folds else first.status
    others = [evaluation.candidate.name for evaluation, _ in found[1:]]
    too = f" So too in {count_text(others)}." if others else ""
    return (
        f"{first.candidate.name} ({scored}): {finding.cause}; {finding.evidence}. "
        f"{finding.advice}{too}"
    )
