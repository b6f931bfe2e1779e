"""The model as MLflow loads it: MLflow runs a copy of this file, beside the pipeline.

Not for importing.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from mlflow.exceptions import MlflowException
from mlflow.models import set_model
from mlflow.pyfunc import PythonModel

_METHODS = ("predict", "predict_proba")


class PipelineModel(PythonModel):
    """A fitted scikit-learn pipeline behind MLflow's interface."""

    def load_context(self, context: Any) -> None:
        # MLflow runs this file as the model is saved, too, which need not wait for this import.
        from pipelines.tracking.pipeline_file import read_pipeline

        self.pipeline = read_pipeline(context.artifacts["pipeline"])

    def predict(
        self, context: Any, model_input: pd.DataFrame, params: dict[str, Any] | None = None
    ) -> np.ndarray | pd.DataFrame:
        method = (params or {}).get("predict_method", "predict")
        if method not in _METHODS or not hasattr(self.pipeline, method):
            raise MlflowException.invalid_parameter_value(
                f"predict_method is {method!r}; this model has "
                f"{', '.join(name for name in _METHODS if hasattr(self.pipeline, name))}."
            )
        predictions = getattr(self.pipeline, method)(model_input)
        if method == "predict_proba" and predictions.ndim == 2:  # else one in each step
            return pd.DataFrame(predictions, columns=[str(c) for c in self.pipeline.classes_])
        return predictions


set_model(PipelineModel())
