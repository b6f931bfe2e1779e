from .dataset import Dataset
from .finding import DataWarning, Finding, findings_table
from .registry import DATASETS, load_dataset

__all__ = ["DATASETS", "DataWarning", "Dataset", "Finding", "findings_table", "load_dataset"]
