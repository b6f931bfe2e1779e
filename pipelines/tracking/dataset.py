"""Data sets, described as MLflow's inputs of a run."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from mlflow.entities import DatasetInput

    from pipelines.data import Dataset

__all__ = ["dataset_input", "describe_dataset"]

_ROWS_FOR_SCHEMA = 100


def describe_dataset(dataset: Dataset, context: str) -> dict[str, Any]:
    """Describe a data set in plain values, for a journal.

    The first rows, target included, show the types: MLflow would look at every value.
    """
    target = dataset.target
    y = pd.DataFrame(dataset.y).head(_ROWS_FOR_SCHEMA)
    names = [f"{target}_{step}" for step in y] if dataset.by_step else [target]
    table = pd.concat(
        [dataset.X.head(_ROWS_FOR_SCHEMA), y.set_axis(names, axis="columns")], axis="columns"
    )
    return {
        "name": dataset.name,
        "digest": dataset.digest,
        "source": dataset.source,
        "target": names[0] if len(names) == 1 else None,  # MLflow knows a single one
        "n_targets": len(names),
        "shape": dataset.X.shape,
        "first_rows": table.reset_index(drop=True).to_json(orient="table", index=False),
        "context": context,
    }


def dataset_input(description: Mapping[str, Any]) -> DatasetInput:
    """Make MLflow's input of a described data set: name, digest, source, schema and size."""
    # The searching process, which describes data sets, need not wait for this import.
    from mlflow.data.pandas_dataset import from_pandas
    from mlflow.entities import Dataset as DatasetEntity
    from mlflow.entities import DatasetInput, InputTag

    from pipelines.tracking._mlflow import quiet

    with quiet():
        dataset = from_pandas(
            pd.read_json(io.StringIO(description["first_rows"]), orient="table"),
            source=description["source"],
            targets=description["target"],
            name=description["name"],
            digest=description["digest"],
        )
        fields = dataset.to_dict()
    n_rows, n_columns = description["shape"]
    n_targets = description.get("n_targets", 1)  # journals of earlier versions do not say
    fields["profile"] = json.dumps(
        {"num_rows": n_rows, "num_elements": n_rows * (n_columns + n_targets)}
    )
    tag = InputTag("mlflow.data.context", description["context"])
    return DatasetInput(DatasetEntity(**fields), [tag])
