"""Data sets: scikit-learn's bundled ones, two downloaded ones and the user's own tables."""

from pipelines.data.dataset import Dataset
from pipelines.data.finding import DataWarning, Finding, findings_table
from pipelines.data.registry import DATASETS, load_dataset

__all__ = ["DATASETS", "DataWarning", "Dataset", "Finding", "findings_table", "load_dataset"]
