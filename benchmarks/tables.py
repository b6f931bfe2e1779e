"""Public tables on which quality is measured, and how: read where they are, with pandas alone.

A folder of tables has ``manifest.json``: by name the file, the task and the target's column.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import (
    accuracy_score,
    log_loss,
    r2_score,
    roc_auc_score,
    root_mean_squared_error,
)
from sklearn.model_selection import train_test_split

__all__ = ["Table", "evaluate", "names_of_tables", "read_table"]


@dataclass(frozen=True)
class Table:
    """A table, split into rows to train on and rows to test on.

    Attributes
    ----------
    path : Path
    target : str
    is_regression : bool
    X, y : DataFrame and Series
    train, test : ndarray of int
        Positions of the rows.
    """

    path: Path
    target: str
    is_regression: bool
    X: pd.DataFrame
    y: pd.Series
    train: np.ndarray
    test: np.ndarray


def names_of_tables(folder: Path) -> list[str]:
    """List the tables of a folder."""
    return list(json.loads(Path(folder, "manifest.json").read_text("utf-8")))


def read_table(folder: Path, name: str) -> Table:
    """Read a table and split it: a quarter of the rows for the test, stratified by class."""
    entry = json.loads(Path(folder, "manifest.json").read_text("utf-8"))[name]
    path = Path(folder, entry["file"])
    X = pd.read_csv(path)
    y = X.pop(entry["target"])
    is_regression = entry["task"] == "regression"
    train, test = train_test_split(
        np.arange(len(X)), test_size=0.25, random_state=42, stratify=None if is_regression else y
    )
    return Table(path, entry["target"], is_regression, X, y, train, test)


def evaluate(table: Table, predicted: np.ndarray, labels: np.ndarray | None) -> dict[str, Any]:
    """Score predictions of the test rows: values, or probabilities in the order of the labels."""
    y = table.y.iloc[table.test]
    if table.is_regression:
        error = float(root_mean_squared_error(y, predicted))
        return {"error": error, "r2": float(r2_score(y, predicted))}
    labels = np.asarray(labels).astype(str)
    order = labels.argsort()  # that of scikit-learn's metrics
    labels, predicted, y = labels[order], predicted[:, order], y.astype(str)
    chosen = labels[predicted.argmax(axis=1)]
    return {
        "error": float(log_loss(y, predicted, labels=labels)),
        "accuracy": float(accuracy_score(y, chosen)),
        "roc_auc": float(
            roc_auc_score(
                y,
                predicted[:, 1] if len(labels) == 2 else predicted,
                multi_class="ovr",
                labels=labels,
            )
        ),
    }
