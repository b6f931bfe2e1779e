from .data import Dataset, load_dataset
from .errors import InputError
from .pipeline import make_pipeline
from .search import GridSearch

__all__ = ["Dataset", "GridSearch", "InputError", "load_dataset", "make_pipeline"]
