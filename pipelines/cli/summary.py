"""What the records of searches and studies show first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pipelines.tracker import Summary

if TYPE_CHECKING:
    from pipelines.ablation import Ablation
    from pipelines.report import SearchVerdict
    from pipelines.search import Evaluation
    from pipelines.study import ClaimResult, StudyResult

__all__ = ["ablation_summary", "search_summary", "study_summary"]

_MOST_METRICS = 3
_MOST_VARIED = 6
_TRAINING = "time/training_seconds"


def search_summary(
    name: str, verdict: SearchVerdict, suggestions: Sequence[str] = (), page: str = "search.html"
) -> Summary:
    """Sum a search up.

    Parameters
    ----------
    name : str
        Of the search.
    verdict : SearchVerdict
    suggestions : sequence of str, default=()
        What to try next, a sentence each.
    page : str, default="search.html"
        The file that tells all.

    Returns
    -------
    Summary
    """
    from pipelines.report import verdict_sentences

    first, *others = verdict_sentences(verdict)
    lines = [f"**{first}**", "", *(f"- {sentence}" for sentence in others)]
    if suggestions:
        lines += ["", "What to try next:", "", *(f"- {sentence}" for sentence in suggestions)]
    lines += ["", f"All of it is on one page: {page}, among the artifacts."]
    scorers = [*verdict.metrics][:_MOST_METRICS]
    ranked_by = f"validation_{scorers[0]}"
    curves = [curve for curve in verdict.winner.curves if curve.startswith("val_")]
    return Summary(
        name=name,
        text="\n".join(lines),
        metrics=(
            *(f"validation_{scorer}" for scorer in scorers),
            f"deviation/{ranked_by}",
            f"train_{scorers[0]}",
            _TRAINING,
            "network/n_weights",
            "best_epoch/epoch",
            "network/n_epochs",
        ),
        pairs=((_TRAINING, ranked_by),),
        curves=(
            *((curve,) for curve in curves if curve != "val_loss"),
            ("val_loss", "loss") if "val_loss" in curves else ("loss",),
        ),
        varied=_varied(verdict.evaluations),
        standings={
            one.candidate.number: "best"
            if one is verdict.winner
            else "tied"
            if verdict.is_tied(one)
            else "worse"
            for one in verdict.ranked
        },
    )


def _varied(evaluations: Sequence[Evaluation]) -> tuple[str, ...]:
    """Hyperparameters with several values; first the one that most configurations differ in."""
    settings = [one.candidate.hyperparameters for one in evaluations]
    n_differing = {}
    for name in settings[0]:
        counts = Counter(repr(setting[name]) for setting in settings)
        if len(counts) > 1:
            n_differing[name] = counts.total() - max(counts.values())
    # What one configuration alone has, such as a preset, its name tells.
    telling = [name for name, n in n_differing.items() if n > 1] or [*n_differing]
    return tuple(sorted(telling, key=lambda name: -n_differing[name])[:_MOST_VARIED])


def study_summary(name: str, study: StudyResult, claims: Sequence[ClaimResult]) -> Summary:
    """Sum a study up.

    Parameters
    ----------
    name : str
        Of the study.
    study : StudyResult
    claims : sequence of ClaimResult

    Returns
    -------
    Summary
    """
    from pipelines.study.report import findings

    lines = [f"- {sentence}" for sentence in findings(study, claims)]
    lines += ["", "All of it is on one page: techniques.html, among the artifacts."]
    ranked_by = f"over_seeds/{study.judged_by}"
    return Summary(
        name=name,
        text="\n".join(lines),
        metrics=(
            ranked_by,
            f"{ranked_by}_low",
            f"{ranked_by}_high",
            "over_seeds/test",
            "over_seeds/epoch_time_ratio",
        ),
        pairs=(("over_seeds/epoch_time_ratio", ranked_by),),
        curves=(("val_loss", "loss"),),
        varied=("activation", "kernel_initializer", "batch_norm"),
        greater_is_better=study.metric.greater_is_better,
    )


def ablation_summary(name: str, ablation: Ablation) -> Summary:
    """Sum up what each technique is worth.

    Parameters
    ----------
    name : str
        Of the ablation study.
    ablation : Ablation

    Returns
    -------
    Summary
    """
    from pipelines.ablation.sentences import ablation_sentences

    lines = [f"- {sentence}" for sentence in ablation_sentences(ablation)]
    lines += ["", "All of it is on one page: explain.html, among the artifacts."]
    ranked_by = f"validation_{ablation.metric.scorer}"
    return Summary(
        name=name,
        text="\n".join(lines),
        metrics=(
            ranked_by,
            f"test_{ablation.metric.scorer}",
            "time/epoch_seconds",
            "time/fit_seconds",
        ),
        pairs=(("time/fit_seconds", ranked_by),),
        curves=(("val_loss", "loss"),),
        greater_is_better=True,
    )
