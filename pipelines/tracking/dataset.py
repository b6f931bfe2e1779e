"""What MLflow wants to know of a data set."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from pipelines.tracking.records import DatasetUsed

if TYPE_CHECKING:
    from pipelines.data import Dataset

__all__ = ["dataset_used"]

_ROWS_FOR_SCHEMA = 100


def dataset_used(dataset: Dataset, context: str) -> DatasetUsed:
    """Say of a data set what MLflow wants to know."""
    target = str(dataset.y.name or "target")
    # MLflow looks at every value of every column; the first rows show the types as well.
    y = dataset.y.rename(target).head(_ROWS_FOR_SCHEMA)
    table = pd.concat([dataset.X.head(_ROWS_FOR_SCHEMA), y], axis="columns")
    n_rows, n_columns = dataset.X.shape
    return DatasetUsed(
        name=dataset.name,
        digest=dataset.digest,
        source=dataset.source,
        target=target,
        n_rows=n_rows,
        n_columns=n_columns,
        first_rows=table.reset_index(drop=True).to_json(orient="table", index=False),
        context=context,
    )
