"""The metrics that candidates are scored by."""

from __future__ import annotations

from collections.abc import Sequence

from sklearn.metrics import get_scorer_names

from pipelines.data.task import Task
from pipelines.errors import InputError, did_you_mean

__all__ = ["DEFAULT_METRICS", "check_metrics"]

DEFAULT_METRICS: dict[Task, tuple[str, ...]] = {
    "classification": ("accuracy", "f1_macro", "neg_log_loss"),
    "regression": ("r2", "neg_root_mean_squared_error", "neg_mean_absolute_error"),
}


def check_metrics(names: Sequence[str], task: Task) -> tuple[str, ...]:
    """Return the names of the metrics, the first of which ranks the candidates.

    Parameters
    ----------
    names : sequence of str
        Names of scikit-learn scorers; empty for the defaults of the task.
    task : {"classification", "regression"}

    Returns
    -------
    tuple of str

    Raises
    ------
    InputError
        For a name that scikit-learn does not know.
    """
    known = get_scorer_names()
    for name in names:
        if name not in known:
            raise InputError(
                f"There is no metric {name!r}{did_you_mean(name, known)}; take names of "
                "scikit-learn scorers, such as accuracy or r2."
            )
    return tuple(dict.fromkeys(names)) or DEFAULT_METRICS[task]
