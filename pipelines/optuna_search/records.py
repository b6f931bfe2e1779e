"""Evaluations beside the trials of a study, so that every worker can read them."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Any

from optuna.trial import FrozenTrial

from pipelines.search import Candidate, Evaluation, FoldResult
from pipelines.search.drawn import DrawnCandidates

__all__ = ["EVALUATION", "candidate_of", "evaluation_of", "record_of"]

EVALUATION = "evaluation"


def record_of(evaluation: Evaluation) -> dict[str, Any]:
    """Everything about an evaluation but its candidate, as plain data."""
    return {
        field.name: value
        for field in fields(evaluation)
        if field.name != "candidate"
        for value in [asdict(evaluation)[field.name]]
    }


def candidate_of(trial: FrozenTrial, drawn: DrawnCandidates) -> Candidate:
    """The candidate of a trial, drawn once more from the space."""
    return drawn.candidate(trial.number, drawn.space.draw(lambda key, domain: trial.params[key]))


def evaluation_of(trial: FrozenTrial, drawn: DrawnCandidates) -> Evaluation:
    """The evaluation that was recorded beside a trial."""
    record = dict(trial.user_attrs[EVALUATION])
    return Evaluation(
        candidate=candidate_of(trial, drawn),
        folds=tuple(FoldResult(**fold) for fold in record.pop("folds")),
        warnings=tuple(record.pop("warnings")),
        unfinished=tuple(record.pop("unfinished")),
        **record,
    )
