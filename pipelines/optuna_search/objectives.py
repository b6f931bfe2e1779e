"""The value of a trial: at its end, and epoch by epoch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from pipelines.errors import InputError, check_choice
from pipelines.search import Evaluation

__all__ = ["OBJECTIVES", "Objective", "check_objectives", "epoch_value", "pareto_front"]


@dataclass(frozen=True)
class Objective:
    """Something to be as high or as low as possible.

    Attributes
    ----------
    direction : {"maximize", "minimize"}
    value : callable
        Its value, from an evaluation and the name of the metric that ranks.
    """

    direction: Literal["maximize", "minimize"]
    value: Callable[[Evaluation, str], float]


def _mean_of(attribute: str) -> Callable[[Evaluation, str], float]:
    def value(evaluation: Evaluation, metric: str) -> float:
        return float(np.mean([getattr(fold, attribute) for fold in evaluation.folds]))

    return value


OBJECTIVES: dict[str, Objective] = {
    "score": Objective("maximize", lambda evaluation, metric: evaluation.validation_mean(metric)),
    "predict_microseconds": Objective("minimize", _mean_of("predict_microseconds")),
    "n_weights": Objective("minimize", _mean_of("n_weights")),
    "fit_seconds": Objective("minimize", _mean_of("fit_seconds")),
}

# Scorers that are, up to the sign, a curve of the training; r2 and the others go with the loss.
_CURVES = {
    "accuracy": ("val_accuracy", 1),
    "neg_mean_absolute_error": ("val_mean_absolute_error", -1),
}
_LOSS = ("val_loss", -1)


def check_objectives(names: str | Sequence[str]) -> tuple[str, ...]:
    """Return the names of the objectives.

    Raises
    ------
    InputError
        For an unknown name, one that stands there twice, or none at all.
    """
    names = (names,) if isinstance(names, str) else tuple(names)
    for name in names:
        check_choice("objective", name, OBJECTIVES)
    if not names or len(set(names)) < len(names):
        raise InputError("objectives must name one or several, each once; the default is 'score'.")
    return names


def epoch_value(metric: str, logs: Mapping[str, float]) -> float:
    """How good a trial is by an epoch: the higher the better.

    Parameters
    ----------
    metric : str
        Name of the scorer that ranks.
    logs : mapping of str to float
        Loss and metrics of the epoch. The curve of the metric counts where there is one, else
        the loss, both of the validation rows.

    Examples
    --------
    >>> logs = {"val_loss": 0.3, "val_accuracy": 0.9}
    >>> epoch_value("accuracy", logs), epoch_value("f1_macro", logs)
    (0.9, -0.3)
    """
    curve, sign = _CURVES.get(metric, _LOSS)
    if curve not in logs:
        curve, sign = _LOSS
    return sign * logs[curve]


def pareto_front(
    evaluations: Sequence[Evaluation], objectives: Sequence[str], metric: str
) -> list[Evaluation]:
    """The complete evaluations that no other one is better than in every objective.

    As in Optuna, one that is as good in all objectives and better in one is better.

    Parameters
    ----------
    evaluations : sequence of Evaluation
    objectives : sequence of str
    metric : str
        Name of the scorer that ranks.

    Returns
    -------
    list of Evaluation
        In the same order.
    """
    complete = [one for one in evaluations if one.status == "complete"]
    points = np.array([[_gain(one, name, metric) for name in objectives] for one in complete])

    def is_beaten(point: np.ndarray) -> bool:
        return bool(((points >= point).all(axis=1) & (points > point).any(axis=1)).any())

    return [one for one, point in zip(complete, points, strict=True) if not is_beaten(point)]


def _gain(evaluation: Evaluation, name: str, metric: str) -> float:
    objective = OBJECTIVES[name]
    value = objective.value(evaluation, metric)
    return value if objective.direction == "maximize" else -value
