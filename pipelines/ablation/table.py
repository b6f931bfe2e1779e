"""An ablation study as tables, and as what later searches read of it."""

from __future__ import annotations

import pandas as pd

from pipelines.ablation.result import Ablation
from pipelines.ablation.sentences import change_text
from pipelines.report.elsewhere import recorded_task
from pipelines.tracker import RecordedWorth

__all__ = ["networks_table", "recorded_worths", "worths_table"]


def worths_table(ablation: Ablation) -> pd.DataFrame:
    """Tabulate what each technique is worth, in the order of the path.

    Parameters
    ----------
    ablation : Ablation

    Returns
    -------
    DataFrame
        Columns "technique", "hyperparameters"; for "alone", "in_best" and "on_path" the difference
        of the metric, with the technique minus without, "_low", "_high", "_p" (corrected) and
        "_verdict"; "epoch_seconds" and "fit_seconds" of the plain network with it; "time_ratio" of
        the training of the best network over that without it.
    """
    rows = []
    for worth in ablation.worths:
        row: dict[str, object] = {
            "technique": worth.change.name,
            "hyperparameters": change_text(worth),
        }
        for name in ("alone", "in_best", "on_path"):
            comparison = getattr(worth, name)
            row |= {
                name: comparison.difference.mean,
                f"{name}_low": comparison.difference.low,
                f"{name}_high": comparison.difference.high,
                f"{name}_p": comparison.p_adjusted,
                f"{name}_verdict": comparison.verdict,
            }
        ratio = ablation.best.training_seconds / worth.without.training_seconds
        rows.append(
            {
                **row,
                "epoch_seconds": worth.added.epoch_seconds,
                "fit_seconds": worth.added.fit_seconds,
                "time_ratio": ratio,
            }
        )
    return pd.DataFrame(rows)


def networks_table(ablation: Ablation) -> pd.DataFrame:
    """Tabulate the networks, the best first.

    Parameters
    ----------
    ablation : Ablation

    Returns
    -------
    DataFrame
        Columns "network", "techniques" (those in which it is as the best one), the metric with its
        interval, "held_out", "epoch_seconds", "training_seconds", "fit_seconds", "epochs",
        "weights" and "reason" (of a failure).
    """
    return pd.DataFrame(
        {
            "network": one.network.name,
            "techniques": ", ".join(
                name for name in ablation.plan.names if name in one.network.techniques
            ),
            ablation.metric.name: one.score.mean,
            "low": one.score.low,
            "high": one.score.high,
            "held_out": one.held_out.mean,
            "epoch_seconds": one.epoch_seconds,
            "training_seconds": one.training_seconds,
            "fit_seconds": one.fit_seconds,
            "epochs": one.n_epochs,
            "weights": one.n_weights,
            "reason": one.reason or "",
        }
        for one in ablation.ranked
    )


def recorded_worths(ablation: Ablation) -> list[RecordedWorth]:
    """What later searches on other data may want to know of each technique.

    Parameters
    ----------
    ablation : Ablation

    Returns
    -------
    list of RecordedWorth
    """
    return [
        RecordedWorth(
            dataset=ablation.plan.development.name,
            task=recorded_task(ablation.plan.development),
            hyperparameters=worth.change.after,
            verdict=worth.verdict,
        )
        for worth in ablation.worths
    ]
