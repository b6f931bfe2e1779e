"""Recording searches and their models in MLflow; the only package that imports it."""

from pipelines.tracking.model import load_pipeline, log_pipeline
from pipelines.tracking.tracker import MLflowTracker

__all__ = ["MLflowTracker", "load_pipeline", "log_pipeline"]
