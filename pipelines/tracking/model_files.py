"""The files of a fitted pipeline, and what else MLflow is told of it, without MLflow."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

    from pipelines.input_statistics import ColumnStatistics

__all__ = ["PIPELINE_FILE", "STATISTICS_FILE", "example_of", "predictions_of", "write_model"]

PIPELINE_FILE = "pipeline.skops"
STATISTICS_FILE = "input_statistics.json"
_EXAMPLE_ROWS = 5


def write_model(
    folder: Path,
    pipeline: Pipeline,
    X_example: pd.DataFrame,
    statistics: Mapping[str, ColumnStatistics] | None = None,
) -> dict[str, Any]:
    """Write the files of a fitted pipeline into a new folder.

    Parameters
    ----------
    folder : Path
        Made here.
    pipeline : sklearn.pipeline.Pipeline
        Fitted on a DataFrame.
    X_example : pandas.DataFrame of shape (n_rows, n_columns)
        Some rows of its input; the first ones without a missing value become the example.
    statistics : mapping of str to ColumnStatistics, optional
        Of the rows that it was trained on.

    Returns
    -------
    dict of str to object
        In plain values, for a journal: "model_type", the "example" and its "predictions".

    Raises
    ------
    TypeError
        If the pipeline holds objects that cannot be stored without pickle.
    OSError
        If the folder cannot be written to.
    """
    # Who reads a description need not wait for these imports.
    from sklearn.base import is_classifier

    from pipelines.input_statistics import write_statistics
    from pipelines.tracking.pipeline_file import dump_pipeline

    complete_first = pd.concat([X_example.dropna(), X_example])
    example = complete_first.head(_EXAMPLE_ROWS).reset_index(drop=True)
    folder.mkdir(parents=True)
    dump_pipeline(pipeline, folder / PIPELINE_FILE)
    if statistics is not None:
        content = json.dumps(write_statistics(statistics))
        (folder / STATISTICS_FILE).write_text(content, encoding="utf-8")
    predictions = np.asarray(pipeline.predict(example))
    return {
        "model_type": "classifier" if is_classifier(pipeline) else "regressor",
        "example": {
            "columns": [*example],
            "types": [str(dtype) for dtype in example.dtypes],
            "rows": [[_plain(value) for value in row] for row in example.itertuples(index=False)],
        },
        "predictions": {"type": predictions.dtype.str, "values": predictions.tolist()},
    }


def example_of(description: Mapping[str, Any]) -> pd.DataFrame:
    """Make the rows of a description that :func:`write_model` returned."""
    example = description["example"]
    columns = zip(*example["rows"], strict=True)
    return pd.DataFrame(
        {
            name: pd.Series([*values], dtype=object).astype(kind)
            for name, values, kind in zip(
                example["columns"], columns, example["types"], strict=True
            )
        }
    )


def predictions_of(description: Mapping[str, Any]) -> np.ndarray:
    """Make what is predicted of these rows."""
    predictions = description["predictions"]
    return np.asarray(predictions["values"], dtype=predictions["type"])


def _plain(value: Any) -> Any:
    if pd.isna(value):
        return None
    value = value.item() if isinstance(value, np.generic) else value
    return value if isinstance(value, str | bool | int | float) else str(value)
