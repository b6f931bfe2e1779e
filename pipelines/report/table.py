"""The ranked table of a search's configurations."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from pipelines.search import Evaluation

__all__ = ["results_table", "warnings_by_message"]


def results_table(evaluations: Sequence[Evaluation], metrics: Sequence[str]) -> pd.DataFrame:
    """Tabulate evaluations, the best first and the failed last.

    Parameters
    ----------
    evaluations : sequence of Evaluation
    metrics : sequence of str
        The first one ranks.

    Returns
    -------
    DataFrame
        A row a candidate: "rank", "configuration", for each metric "validation_<metric>",
        "validation_<metric>_std" and "train_<metric>", then "fit_seconds", "epoch_seconds",
        "epochs_run", "weights", "status", "reason", "warnings" (a line each), "diagnosis" (the
        causes), and a column a hyperparameter.
    """
    rows = [_row(evaluation, metrics) for evaluation in evaluations]
    table = pd.DataFrame(rows).sort_values(
        f"validation_{metrics[0]}", ascending=False, na_position="last", kind="stable"
    )
    ranks = table[f"validation_{metrics[0]}"].rank(ascending=False, method="min").astype("Int64")
    table.insert(0, "rank", ranks)
    return table.reset_index(drop=True)


def _row(evaluation: Evaluation, metrics: Sequence[str]) -> dict[str, object]:
    scores = {}
    for metric in metrics:
        scores[f"validation_{metric}"] = evaluation.validation_mean(metric)
        scores[f"validation_{metric}_std"] = evaluation.validation_std(metric)
        scores[f"train_{metric}"] = evaluation.train_mean(metric)
    folds = evaluation.folds
    return {
        "configuration": evaluation.candidate.name,
        **scores,
        "fit_seconds": evaluation.fit_seconds,
        "epoch_seconds": sum(fold.epoch_seconds for fold in folds) / len(folds) if folds else None,
        "epochs_run": sum(fold.n_epochs for fold in folds) / len(folds) if folds else None,
        "weights": folds[0].n_weights if folds else None,
        "status": evaluation.status,
        "reason": evaluation.reason or "",
        "warnings": "\n".join(" ".join(message.split()) for message in evaluation.warnings),
        "diagnosis": evaluation.diagnosis,
        **evaluation.candidate.hyperparameters,
    }


def warnings_by_message(table: pd.DataFrame) -> dict[str, list[str]]:
    """Say of each warning in a table of results which configurations it is about."""
    found: dict[str, list[str]] = {}
    for name, messages in zip(table["configuration"], table["warnings"], strict=True):
        for message in messages.splitlines():
            found.setdefault(message, []).append(name)
    return found
