"""Evaluations beside the trials of a study, so that every worker can read them."""

from __future__ import annotations

from optuna.trial import FrozenTrial

from pipelines.search import Evaluation, load_evaluation
from pipelines.search.drawn import DrawnCandidates

__all__ = ["EVALUATION", "evaluation_of"]

EVALUATION = "evaluation"


def evaluation_of(trial: FrozenTrial, drawn: DrawnCandidates) -> Evaluation:
    """The evaluation that was recorded beside a trial, its candidate drawn once more."""
    values = drawn.space.draw(lambda key, domain: trial.params[key])
    candidate = drawn.candidate(trial.number, values)
    return load_evaluation(trial.user_attrs[EVALUATION]).of(candidate)
