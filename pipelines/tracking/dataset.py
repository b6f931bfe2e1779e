"""A data set as MLflow describes one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from mlflow.data.pandas_dataset import from_pandas

from pipelines.tracking.quiet import quiet

if TYPE_CHECKING:
    from pipelines.data import Dataset

__all__ = ["dataset_fields"]


def dataset_fields(dataset: Dataset) -> dict[str, str]:
    """Fields of ``mlflow.entities.Dataset``: name, digest, source, schema and size."""
    target = str(dataset.y.name or "target")
    table = pd.concat([dataset.X, dataset.y.rename(target)], axis="columns")
    with quiet():
        described = from_pandas(
            table,
            source=dataset.source,
            targets=target,
            name=dataset.name,
            digest=dataset.digest,
        )
        return described.to_dict()
