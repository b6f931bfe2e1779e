"""A data set as MLflow describes one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pandas as pd
from mlflow.data.pandas_dataset import from_pandas

from pipelines.tracking.quiet import quiet

if TYPE_CHECKING:
    from pipelines.data import Dataset

__all__ = ["dataset_fields"]

_ROWS_FOR_SCHEMA = 100


def dataset_fields(dataset: Dataset) -> dict[str, str]:
    """Give the fields of ``mlflow.entities.Dataset``: name, digest, source, schema and size."""
    target = str(dataset.y.name or "target")
    n_rows, n_columns = dataset.X.shape
    # MLflow looks at every value of every column; the first rows show the types as well.
    y = dataset.y.rename(target).head(_ROWS_FOR_SCHEMA)
    table = pd.concat([dataset.X.head(_ROWS_FOR_SCHEMA), y], axis="columns")
    with quiet():
        described = from_pandas(
            table,
            source=dataset.source,
            targets=target,
            name=dataset.name,
            digest=dataset.digest,
        )
        profile = {"num_rows": n_rows, "num_elements": n_rows * (n_columns + 1)}
        return {**described.to_dict(), "profile": json.dumps(profile)}
