"""A data set as MLflow describes one."""

from __future__ import annotations

import io
import json

import pandas as pd
from mlflow.data.pandas_dataset import from_pandas
from mlflow.entities import Dataset

from pipelines.tracking.quiet import quiet
from pipelines.tracking.records import DatasetUsed

__all__ = ["dataset_entity"]


def dataset_entity(used: DatasetUsed) -> Dataset:
    """Make MLflow's entity of a data set: name, digest, source, schema and size."""
    with quiet():
        described = from_pandas(
            pd.read_json(io.StringIO(used.first_rows), orient="table"),
            source=used.source,
            targets=used.target,
            name=used.name,
            digest=used.digest,
        )
        profile = {"num_rows": used.n_rows, "num_elements": used.n_rows * (used.n_columns + 1)}
        return Dataset(**{**described.to_dict(), "profile": json.dumps(profile)})
